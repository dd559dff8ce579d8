"""The tree of errors: who derives from whom, what each carries, and that each tells something."""

from __future__ import annotations

import pytest

from plugwork import errors
from plugwork.errors import (
    CODES,
    BackfillFailedError,
    CheckError,
    CodeLocationLoadError,
    EventLogInvalidForRun,
    ExecutionInterruptedError,
    ExecutionStepNotFoundError,
    FrameworkError,
    InvalidConfigDefinitionError,
    LaunchFailedError,
    ParameterCheckError,
    PipesExecutionError,
    ResourceFunctionError,
    RunNotFoundError,
    StepOutputNotFoundError,
    TypeCheckDidNotPass,
    UnknownResourceError,
    UserCodeExecutionError,
    UserCodeUnreachableError,
    UserCodeUnreachableTimeoutError,
)

#: Straight below FrameworkError, or below one that is.
FRAMEWORK = [
    "InvalidDefinitionError", "InvalidConfigDefinitionError", "InvalidConfigError",
    "InvalidInvocationError", "InvalidSubsetError", "InvariantViolationError",
    "UnknownResourceError", "UnmetExecutorRequirementsError", "ExecutionStepNotFoundError",
    "StepOutputNotFoundError", "ExecutionPlanSnapshotNotFoundError", "RunNotFoundError",
    "RunAlreadyExists", "RunConflict", "RunTooLargeError", "SnapshotDoesNotExist",
    "EventLogInvalidForRun", "LaunchFailedError", "BackfillFailedError", "SubprocessError",
    "UnknownStepStateError", "MaxRetriesExceededError", "TypeCheckDidNotPass",
    "AssetCheckFailedError", "UserCodeUnreachableError", "UserCodeProcessError",
    "CodeLocationNotFoundError", "CodeLocationLoadError", "HomeNotSetError",
    "UnknownPartitionError", "InvalidAssetKey", "InvalidMetadata", "UndefinedDataVersionError",
    "DefinitionChangedDeserializationError",
]  # fmt: skip
OF_USER_CODE = [
    "StepExecutionError", "LoadInputError", "HandleOutputError", "TypeCheckError",
    "TypeLoadingError", "ResourceFunctionError", "ConfigMappingFunctionError",
    "HookExecutionError", "ScheduleExecutionError", "SensorExecutionError",
    "RunStatusSensorExecutionError", "PartitionExecutionError", "UserCodeLoadError",
]  # fmt: skip
CLASSES = [
    each
    for name, each in vars(errors).items()
    if isinstance(each, type) and issubclass(each, BaseException) and not name.startswith("_")
]


@pytest.mark.parametrize("name", FRAMEWORK)
def test_an_error_of_the_framework_is_one(name: str) -> None:
    found = getattr(errors, name)
    assert issubclass(found, FrameworkError)
    assert not found.is_user_code_error


@pytest.mark.parametrize("name", OF_USER_CODE)
def test_an_error_around_user_code_is_one(name: str) -> None:
    found = getattr(errors, name)
    assert issubclass(found, UserCodeExecutionError)
    assert found.is_user_code_error


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_error_says_what_it_is(cls: type[BaseException]) -> None:
    assert cls.__dict__.get("__doc__")
    assert getattr(cls, "code", "") in {"", *CODES}


def test_what_is_no_framework_error_is_none() -> None:
    for outside in (CheckError, ParameterCheckError, PipesExecutionError):
        assert not issubclass(outside, FrameworkError)
    assert issubclass(ParameterCheckError, CheckError)
    assert not issubclass(ExecutionInterruptedError, Exception)
    assert issubclass(UserCodeUnreachableTimeoutError, UserCodeUnreachableError)


def test_errors_carry_what_they_are_about() -> None:
    assert RunNotFoundError(invalid_run_id="x").invalid_run_id == "x"
    assert ExecutionStepNotFoundError(step_keys=["a", "b"]).step_keys == ["a", "b"]
    missing = StepOutputNotFoundError("gone", step_key="a", output_name="result")
    assert (missing.step_key, missing.output_name, str(missing)) == ("a", "result", "gone")
    assert EventLogInvalidForRun("r").run_id == "r"
    assert LaunchFailedError("x", serializable_error_info="i").serializable_error_info == "i"
    assert BackfillFailedError("x", serializable_error_info="i").serializable_error_info == "i"
    assert CodeLocationLoadError("x", load_error_infos=["i"]).load_error_infos == ["i"]
    wrong = InvalidConfigDefinitionError(dict, 3, ["a", "b"], "because")
    assert (wrong.original_root, wrong.current_value, wrong.stack) == (dict, 3, ["a", "b"])
    checked = TypeCheckDidNotPass("no", {"n": 1}, "T")
    assert (checked.description, checked.metadata, checked.type) == ("no", {"n": 1}, "T")


def test_an_unknown_resource_is_an_attribute_that_is_not_there() -> None:
    class Resources:
        def __getattr__(self, name: str) -> object:
            raise UnknownResourceError(name)

    assert not hasattr(Resources(), "nope")
    with pytest.raises(UnknownResourceError) as caught:
        Resources().nope  # noqa: B018 - reading it is the test
    assert caught.value.resource_name == "nope"


def test_user_code_errors_hold_real_exceptions() -> None:
    raised = ValueError("x")
    info = (ValueError, raised, None)
    made = ResourceFunctionError("m", user_exception=raised, original_exc_info=info)
    assert (made.user_exception, made.original_exc_info) == (raised, info)
    with pytest.raises(CheckError, match="user_exception"):
        ResourceFunctionError("m", user_exception="x", original_exc_info=info)  # type: ignore[arg-type]  # on purpose
    with pytest.raises(CheckError, match="original_exc_info"):
        ResourceFunctionError(
            "m",
            user_exception=raised,
            original_exc_info=("x", raised, None),  # type: ignore[arg-type]  # on purpose
        )
    with pytest.raises(CheckError, match="unexpected arguments: step_key"):
        ResourceFunctionError("m", user_exception=raised, original_exc_info=info, step_key="a")
