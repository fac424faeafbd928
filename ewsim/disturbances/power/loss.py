"""The grid fails; sites run on what they have of their own (`ewsim.disturbances.power.supplies`)."""

import numpy as np

from ewsim.disturbances.outages import Outage


class PowerLoss(Outage):
    """The grid fails at sites."""

    fails = "mains"

    def begin(self, sites: list[int]) -> None:
        """The feeders lose the grid."""
        self._log_feeders(sites, "grid_lost")

    def end(self, sites: list[int]) -> None:
        """The feeders have the grid again."""
        self._log_feeders(sites, "grid_back")

    def _log_feeders(self, sites: list[int], kind: str) -> None:
        network = self.world.network
        feeders = network.sites.feeder[sites]
        for feeder in np.unique(feeders).tolist():
            hit = int((feeders == feeder).sum())
            self.world.log(
                "feeder", kind, detail=f"{network.feeder_names[feeder]}: {hit} sites", inject=self.name
            )
