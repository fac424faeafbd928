"""What is wrong with one file, collected while it is read."""

from dataclasses import dataclass, field

from ewsim.errors import DataError, Diagnostic, Severity

#: Faults that are reported one by one; the rest are counted.
FAULTS_MAX = 50


@dataclass(slots=True)
class Faults:
    """What is wrong with one file, in the order found."""

    file: str
    found: list[Diagnostic] = field(default_factory=list)
    more: int = 0

    def add(self, line: int, column: int, message: str, fix: str, severity: Severity = "error") -> None:
        """Note a fault, or with another severity what is only odd.

        Parameters
        ----------
        line, column
            Where it is, from 1; zeros where the place is not known.
        message, fix
            What is wrong, and what to write.
        severity
            An error by default.
        """
        if len(self.found) < FAULTS_MAX:
            self.found.append(Diagnostic(self.file, line, column, message, fix, severity))
        else:
            self.more += 1

    def __bool__(self) -> bool:
        return bool(self.found)

    def error(self) -> DataError:
        """All of them as an error."""
        return DataError(self.listed())

    def listed(self) -> list[Diagnostic]:
        """All of them by their line, and how many more there are."""
        found = sorted(self.found, key=lambda d: (d.line, d.column))
        if self.more:
            severity = found[0].severity
            found.append(Diagnostic(self.file, 0, 0, f"... and {self.more:,} more like these.", "", severity))
        return found

    def fail(self, line: int, column: int, message: str, fix: str) -> DataError:
        """Note a fault that ends the reading; everything noted so far as an error.

        Parameters
        ----------
        line, column, message, fix
            As for `add`.
        """
        self.add(line, column, message, fix)
        return self.error()
