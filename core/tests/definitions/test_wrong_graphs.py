"""Wrong use of graphs, jobs and their parts: told with the object and its line in the user's file.

Each case is a file. The line that is at fault ends with ``# here``; the message, or a note to it,
names that line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugwork import Definitions
from plugwork.code import load_code
from plugwork.errors import FrameworkError, InvalidDefinitionError
from plugwork.model.code_ref import CodeRef

HEAD = """
from plugwork import *

@op
def one(): return 1

@op
def add(x, y=1): return x

@op
def whole(number: int): return number

@op(out={"left": Out(), "right": Out()})
def both(): return 1, 2

@op(out=DynamicOut())
def dyn(): yield DynamicOutput(1, "a")

@op(out=Out(Nothing))
def nothing(): ...

@op(required_resource_keys={"db"})
def uses_db(): ...

@op(config_schema={"n": int})
def count(): ...

@graph
def inner(): return add(one())

"""


def body(line: str, of: str = "job") -> str:
    return f"@{of}\ndef wrong():\n    {line}  # here\n"


def call(line: str) -> str:
    return f"{line}  # here\n"


BODIES = {
    "an unknown input": ("add(z=one())", "'wrong': op 'add' has no input 'z'"),
    "an input misspelt": ("whole(numbr=one())", "did you mean 'number'"),
    "too many inputs": ("one(one())", "op 'one' takes 0 inputs, got 1"),
    "an input given twice": ("add(one(), x=one())", "input 'x' of 'add' is given twice"),
    "a constant": ("add(3)", "input 'x' of 'add' gets 3"),
    "a list of constants": ("add([3])", "member 0 of the list for input 'x' of 'add' is 3"),
    "several outputs for one input": (
        "add(both())",
        "input 'x' of 'add' gets all outputs of an op .left, right.; give it one of them",
    ),
    "no value for an input": ("add(nothing())", "'nothing' gives none"),
    "a plain output mapped": ("one().map(add)", "is not dynamic: it cannot be mapped"),
    "a plain output collected": ("one().collect()", "is not dynamic: it cannot be collected"),
    "an output taken apart": ("a, b = one()", "cannot be taken apart"),
    "a member of an output": ("one()['a']", "has no members"),
    "a dynamic output unmapped": ("add(dyn())", "pass it through map\\(\\) or collect\\(\\)"),
    "a map in a map": ("dyn().map(lambda x: dyn.alias('b')())", "map inside a map"),
    "two dynamic outputs": (
        "dyn().map(lambda x: dyn.alias('b')().map(lambda y: add(x, y)))",
        "map inside a map|two dynamic outputs",
    ),
    "mapped over one, collecting another": (
        "a, b = dyn(), dyn.alias('b')(); a.map(lambda x: add(x, b.collect()))",
        "'add' is mapped over dyn.result, and its input 'y' collects b.result",
    ),
    "a map that returns a constant": (
        "dyn().map(lambda x: 3)",
        "must return outputs of ops, got 3",
    ),
    "one alias twice": ("one.alias('a')(); one.alias('a')()", "two nodes named 'a'"),
    "a bad alias": ("one.alias('a-b')()", "'a-b' is no name for the alias of 'one'"),
    "bad tags of a use": ("one.tag({'a': object()})()", "tag 'a' of a use of 'one'"),
    "tags that are no dictionary": ("one.tag(['a'])()", "the tags of a use of 'one'"),
    "a hook that is none": ("one.with_hooks({print})()", "a use of 'one': .* is no hook"),
    "a retry policy that is none": ("one.with_retry_policy(3)()", "3 is no RetryPolicy"),
}

CALLS = {
    "a graph called outside": ("inner()", "graph 'inner' can be used in the body"),
    "a use outside": ("one.alias('x')()", "'one' with an alias"),
    "a job of no function": ("job(3)", "@job makes a job of a function, got 3"),
    "a graph of no function": ("graph(3)", "@graph makes a graph of a function, got 3"),
    "a job of no graph": ("JobDefinition(graph_def=one)", "graph_def of a job must be a graph"),
    "a bad name of a job": ("inner.to_job(name='a-b')", "'a-b' is no name for the job"),
    "a reserved name": ("inner.to_job(name='config')", "the word is reserved"),
    "config that is none": ("inner.to_job(config=3)", "job 'inner': config must be a dictionary"),
    "an executor that is none": ("inner.to_job(executor_def=3)", "executor_def must be"),
    "hooks that are none": ("inner.to_job(hooks={3})", "job 'inner': 3 is no hook"),
    "owners in one text": ("inner.to_job(owners='me@x.org')", "owners must be a list"),
    "an owner that is none": ("inner.to_job(owners=['me'])", "'me' is no owner"),
    "tags that are none": ("inner.to_job(tags=3)", "tags of job 'inner' must be a dictionary"),
    "metadata that is none": ("inner.to_job(metadata=3)", "metadata must be a dictionary"),
    "resources in a list": ("inner.to_job(resource_defs=['db'])", "resource_defs must be a dict"),
    "loggers in a list": ("inner.to_job(logger_defs=[3])", "logger_defs must be a dictionary"),
    "a policy that is none": (
        "inner.to_job(op_retry_policy=3)",
        "job 'inner': 3 is no RetryPolicy",
    ),
    "a value of no input": ("inner.to_job(input_values={'x': 1})", "input_values has 'x'"),
    "partitions": ("inner.to_job(partitions_def=3)", "no partitions_def yet"),
    "conditions": ("inner.to_job(automation_condition=3)", "no automation_condition yet"),
    "a selection of nothing": ("inner.to_job(op_selection=['aad'])", "did you mean 'add'"),
    "a configured graph without mapping": ("inner.configured({})", "'inner' has no config mapping"),
    "a mapping of no function": ("ConfigMapping(3)", "must be a function, got 3"),
    "a node that is none": ("GraphDefinition('g', node_defs=[3])", "graph 'g': node_defs holds 3"),
    "two ops of one name": (
        "GraphDefinition('g', node_defs=[one, op(name='one')(lambda: 1)])",
        "graph 'g': node_defs holds two named 'one'",
    ),
    "a use of no op": (
        "GraphDefinition('g', node_defs=[one], dependencies={'on': {}})",
        "dependencies names 'on', .* did you mean 'one'",
    ),
    "a key that is no use": (
        "GraphDefinition('g', node_defs=[one], dependencies={3: {}})",
        "names or NodeInvocations, got 3",
    ),
    "dependencies that are none": (
        "GraphDefinition('g', node_defs=[one], dependencies={'one': 3})",
        "the dependencies of 'one' are a dictionary",
    ),
    "a feed that is none": (
        "GraphDefinition('g', node_defs=[one, add], dependencies={'add': {'x': one}})",
        "the input 'x' of 'add' is fed by",
    ),
    "a feed by no node": (
        "GraphDefinition('g', node_defs=[add], dependencies="
        "{'add': {'x': DependencyDefinition('on')}})",
        "the input 'x' of 'add' needs the node 'on'",
    ),
    "a feed by no output": (
        "GraphDefinition('g', node_defs=[both, add], dependencies="
        "{'add': {'x': DependencyDefinition('both', 'lft')}})",
        "needs the output 'lft' of 'both', .* did you mean 'left'",
    ),
    "a feed of no input": (
        "GraphDefinition('g', node_defs=[one, add], dependencies="
        "{'add': {'z': DependencyDefinition('one')}})",
        "op 'add' has no input 'z'",
    ),
    "a circle": (
        "GraphDefinition('g', node_defs=[add], dependencies={"
        "NodeInvocation('add', 'a'): {'x': DependencyDefinition('b')}, "
        "NodeInvocation('add', 'b'): {'x': DependencyDefinition('a')}})",
        "graph 'g': its nodes depend on each other in a circle: a -> b -> a",
    ),
    "a circle of one": (
        "GraphDefinition('g', node_defs=[add], dependencies="
        "{'add': {'x': DependencyDefinition('add')}})",
        "in a circle: add -> add",
    ),
    "a plain dependency collected": (
        "GraphDefinition('g', node_defs=[one, add], dependencies="
        "{'add': {'x': DynamicCollectDependencyDefinition('one')}})",
        "the input 'x' of 'add' collects .*, which is not dynamic",
    ),
    "a list of no dependencies": ("MultiDependencyDefinition([3])", "holds 3"),
    "an alias twice": (
        "GraphDefinition('g', node_defs=[one, add], dependencies="
        "{NodeInvocation('one', 'a'): {}, NodeInvocation('add', 'a'): {}})",
        "graph 'g' has two nodes named 'a'",
    ),
    "a bad alias of a use": (
        "NodeInvocation('one', 'a-b')",
        "'a-b' is no name for the use of 'one'",
    ),
    "an input that feeds no node": (
        "GraphDefinition('g', node_defs=[one], input_mappings=[InputMapping('x', 'two', 'x')])",
        "the input 'x' needs the node 'two'",
    ),
    "an input that feeds what is fed": (
        "GraphDefinition('g', node_defs=[one, add], dependencies="
        "{'add': {'x': DependencyDefinition('one')}}, "
        "input_mappings=[InputMapping('x', 'add', 'x')])",
        "feeds 'x' of 'add', which is fed already",
    ),
    "an output of no node": (
        "GraphDefinition('g', node_defs=[one], output_mappings=[OutputMapping('r', 'two')])",
        "the output 'r' needs the node 'two'",
    ),
    "a bad name of a graph": ("GraphDefinition('a b')", "'a b' is no name for the graph"),
    "config of a graph that does not fit": (
        "GraphDefinition('g', node_defs=[count], config={'count': {'config': {'n': 'a'}}})",
        "graph 'g': its config does not fit the ops inside",
    ),
    "config of a graph that is none": (
        "GraphDefinition('g', config=3)",
        "config must be a ConfigM",
    ),
    "a definition that is no job": ("Definitions(jobs=[one])", "which is no job"),
    "an executor of a collection": ("Definitions(executor=3)", "must be an executor definition"),
}

DECORATORS = {
    "a graph input that feeds nothing": ("@graph", "(x): one()", "its input 'x' feeds nothing"),
    "ins without parameter": ("@graph(ins={'z': GraphIn()})", "(x): add(x)", "no such parameter"),
    "ins that are none": ("@graph(ins=3)", "(x): add(x)", "ins must be a dictionary"),
    "an in that is none": ("@graph(ins={'x': 3})", "(x): add(x)", r"ins\['x'\] must be a GraphIn"),
    "out that is none": ("@graph(out=3)", "(): return one()", "out must be a GraphOut"),
    "out without return": ("@graph(out=GraphOut())", "(): one()", "returns nothing"),
    "several outputs without names": ("@graph", "(): return one(), one()", "name them by out="),
    "outputs of other names": (
        "@graph(out={'a': GraphOut()})",
        "(): return {'b': one()}",
        "declares the outputs a and returns b",
    ),
    "a constant returned": ("@graph", "(): return 3", "returns 3, which is no output"),
    "a job that returns": ("@job", "(): return one()", "a job has none: remove the return"),
    "a body that yields": ("@job", "(): yield one()", "must be a plain function"),
    "a body with any inputs": (
        "@graph",
        "(*xs): one()",
        r"its parameter '\*xs' cannot be an input",
    ),
    "a reserved input": ("@graph", "(config): add(config)", "'config' is no name for the input"),
    "a bad config of a job": ("@job(config=3)", "(): one()", "config must be a dictionary"),
    "config that does not fit": (
        "@graph(config={'count': {'config': {'m': 1}}})",
        "(): count()",
        "graph 'wrong': its config does not fit the ops inside",
    ),
    "a default config that does not fit": (
        "@job(config={'ops': {'cuont': {}, 'count': {'config': {'n': 'a'}}}})",
        "(): count()",
        "the config of job 'wrong' does not fit it",
    ),
    "a section misspelt": ("@job(config={'opps': {}})", "(): one()", "did you mean .ops"),
    "a missing resource": (
        "@job(resource_defs={'other': 1})",
        "(): uses_db()",
        "job 'wrong': op 'uses_db' needs the resource 'db', which is not given",
    ),
    "an input that nothing can give": (
        "@job",
        "(): add.alias('a')(handle())",
        "name 'handle' is not defined|nothing feeds",
    ),
    "tags of a graph that are none": ("@graph(tags=3)", "(): one()", "the tags of graph 'wrong'"),
}

CASES: dict[str, tuple[str, str]] = {
    **{name: (body(line), told) for name, (line, told) in BODIES.items()},
    **{f"{name}, in a graph": (body(line, "graph"), told) for name, (line, told) in BODIES.items()},
    **{name: (call(line), told) for name, (line, told) in CALLS.items()},
    **{
        name: (f"{decorator}  # here\ndef wrong{rest}\n", told)
        for name, (decorator, rest, told) in DECORATORS.items()
        if "handle" not in rest
    },
}


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Path]:
    """Where user code is; what it adds to the process goes with it."""
    paths = list(sys.path)
    yield tmp_path
    sys.path[:] = paths
    for name in ("wrong_graphs", "late_graphs", "same_names"):
        sys.modules.pop(name, None)


def told_of(error: FrameworkError) -> str:
    return "\n".join([str(error), *getattr(error, "__notes__", [])])


@pytest.mark.parametrize("name", CASES)
def test_a_mistake_is_told_with_its_object_and_its_line(name: str, directory: Path) -> None:
    source, told = CASES[name]
    file = directory / "wrong_graphs.py"
    file.write_text(HEAD + source, encoding="utf-8")
    line = 1 + (HEAD + source).splitlines().index(
        next(each for each in source.splitlines() if each.endswith("# here"))
    )
    with pytest.raises(FrameworkError, match=told) as caught:
        load_code(CodeRef("file", str(file)))
    assert re.search(rf"wrong_graphs\.py:{line}\b", told_of(caught.value)), told_of(caught.value)


LATE = {
    "two jobs of one name": (
        "a = inner.to_job(name='a')\nb = inner.to_job(name='a')\ndefs = Definitions(jobs=[a, b])",
        "two jobs have the name 'a'",
        "a = inner",
    ),
    "a missing resource of a bare job": (
        "@job\ndef late(): uses_db()\n",
        "op 'uses_db' needs the resource 'db'",
        "required_resource_keys",
    ),
    "a missing resource of a hook": (
        "@success_hook(required_resource_keys={'slack'})\ndef tell(context): ...\n"
        "@job(hooks={tell})\ndef late(): one()\n",
        "hook 'tell' needs the resource 'slack'",
        "@success_hook",
    ),
}


@pytest.mark.parametrize("name", LATE)
def test_what_is_found_late_names_the_place_too(name: str, directory: Path) -> None:
    source, told, at = LATE[name]
    text = HEAD + source
    file = directory / "late_graphs.py"
    file.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    line = 1 + lines.index(next(each for each in lines if at in each))
    loaded = load_code(CodeRef("file", str(file)))
    with pytest.raises(InvalidDefinitionError, match=told) as caught:
        Definitions.validate_loadable(loaded.definitions)
    near = "|".join(str(number) for number in (line - 1, line))
    assert re.search(rf"late_graphs\.py:({near})\b", str(caught.value)), str(caught.value)


def test_two_ops_of_one_name_are_told_with_both_places(directory: Path) -> None:
    file = directory / "same_names.py"
    text = HEAD + (
        "@op(name='one')\ndef other(): ...\n@graph(name='inner')\ndef again(): one()\n"
        "def ops(): one(); other()\n"
        "def graphs(): inner(); again()\n"
    )
    file.write_text(text, encoding="utf-8")
    sys.path.insert(0, str(directory))
    import same_names  # type: ignore[import-not-found]  # written above

    from plugwork import job

    for body_fn, what in ((same_names.ops, "ops"), (same_names.graphs, "graphs")):
        with pytest.raises(InvalidDefinitionError, match=f"two different {what} named") as caught:
            job(body_fn)
        assert str(caught.value).count("same_names.py:") >= 2
