"""Public functions of three or more parameters say what each is, with unit and shape.

numpydoc's own validator checks that the section names every parameter, in order. A test of ours
checks that a number has its unit in [ ] and an array its shape in ( ). Commands of click are
exempt: their parameters are options, and `--help` explains them.
"""

import ast
import importlib
import inspect
import re

import pytest
from numpydoc.docscrape import NumpyDocString, get_doc_object
from numpydoc.validate import validate
from tree import MODULES, SOURCES, module_name, parsed

FEW = 3
#: Findings of numpydoc: missing, unknown, disordered or unexplained parameters; disordered sections.
CODES = {"PR01", "PR02", "PR03", "PR07", "PR10", "GL07"}
UNIT = re.compile(r"\[[^\]]+\]")
SHAPE = re.compile(r"shape \([^)]*\)|\(\w+(?:, ?\w+)*,?\)")


def public_functions(path):
    """Each (dotted name, node) that a user of the module can call, without click's commands."""

    def walk(body, prefix):
        for node in body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield from walk(node.body, f"{prefix}.{node.name}")
            elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                decorators = " ".join(map(ast.unparse, node.decorator_list))
                if not re.search(r"\bcommand\(|\bgroup\(|overload|click\.", decorators):
                    yield f"{prefix}.{node.name}", node

    yield from walk(parsed(path).body, module_name(path))


def parameters(node):
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [a for a in arguments if a.arg not in ("self", "cls")]


LONG_ONES = {
    name: node for path in SOURCES for name, node in public_functions(path) if len(parameters(node)) >= FEW
}


def module_of(name):
    """The module of a dotted name."""
    return max((module for module in MODULES if name.startswith(module + ".")), key=len)


def public(name):
    """The function or method of a dotted name, the plain function of a compiled one."""
    module = module_of(name)
    thing = importlib.import_module(module)
    for part in name.removeprefix(module + ".").split("."):
        thing = getattr(thing, part)
    return getattr(thing, "py_func", thing)


def section_faults(name):
    """What numpydoc's validator finds in the section Parameters of one function."""
    found = validate(get_doc_object(public(name)))["errors"]
    return [f"{name}: {code} {text}" for code, text in found if code in CODES]


def unit_faults(name):
    """Numbers without a unit in [ ], arrays without a shape in ( )."""
    section = NumpyDocString(inspect.getdoc(public(name)) or "")["Parameters"]
    described = {word.strip(" *"): " ".join([p.type, *p.desc]) for p in section for word in p.name.split(",")}
    for argument in parameters(LONG_ONES[name]):
        kind = ast.unparse(argument.annotation) if argument.annotation else ""
        text = described.get(argument.arg, "")
        if re.search(r"\bfloat|Float", kind) and not UNIT.search(text):
            yield f"{name}: {argument.arg} has no unit in [ ]"
        if re.search(r"NDArray|ndarray|Array", kind) and not SHAPE.search(text):
            yield f"{name}: {argument.arg} has no shape in ( )"


@pytest.mark.parametrize("module", sorted({module_of(name) for name in LONG_ONES}))
def test_parameters_are_explained(module):
    names = [name for name in LONG_ONES if module_of(name) == module]
    faults = [fault for name in names for fault in (*section_faults(name), *unit_faults(name))]
    assert not faults, "\n".join(faults)
