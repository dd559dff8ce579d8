"""Every error of the kernel, in one tree, and every code a user can look up.

A user's mistake says what is wrong, where, and what to do next. Its code (``PW-CFG-004``) is
given here, once, and ``plugwork explain CODE`` prints its entry of :data:`CODES`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, ClassVar, Self

import attrs

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


@attrs.frozen
class Code:
    """The page behind an error code."""

    #: What happened, one sentence.
    summary: str
    #: What to do about it.
    cure: str


CODES: dict[str, Code] = {
    "PW-CFG-001": Code("A key is not known here.", "Remove it or correct its spelling."),
    "PW-CFG-002": Code("A required key is missing.", "Add it; the message shows an example."),
    "PW-CFG-003": Code("The file is not valid YAML.", "Mend the line that the message names."),
    "PW-CFG-004": Code("A value has the wrong type.", "Give a value of the expected type."),
    "PW-CFG-005": Code("A key stands twice in one mapping.", "Keep one of the two."),
    "PW-CFG-006": Code(
        "A YAML tag that builds objects was refused.", "Write the value as plain text."
    ),
    "PW-CFG-007": Code(
        "The file grows beyond its limits when aliases are expanded.",
        "Write the repeated parts out, or shorten them.",
    ),
    "PW-CFG-008": Code("The file cannot be read.", "Check that it exists, its mode and its owner."),
    "PW-CFG-009": Code("The file is not a mapping of keys.", "Start it with 'key: value' lines."),
    "PW-CFG-010": Code(
        "A component is named in two ways or more than once.", "Name exactly one component."
    ),
    "PW-CFG-011": Code(
        "A reference cannot be resolved.", "Set the variable, or give a default: ${env:NAME=value}."
    ),
    "PW-CFG-012": Code(
        "A value is outside its allowed range.", "Choose one in the range that is told."
    ),
    "PW-CFG-013": Code(
        "A part of the storage is named by itself, which this release cannot do.",
        "Name one storage for all: 'storage: NAME'.",
    ),
    "PW-PLG-001": Code(
        "A plugin could not be imported.", "Run 'plugwork plugins doctor' for its error."
    ),
    "PW-PLG-002": Code(
        "No installed plugin brings a component of this name.",
        "Install the plugin, or choose one of the installed names.",
    ),
    "PW-PLG-003": Code(
        "Two distributions bring the same name.", "Settle it under 'plugins: prefer:'."
    ),
    "PW-PLG-004": Code(
        "A plugin was written for another API number.", "Install a matching release of the plugin."
    ),
    "PW-PLG-005": Code(
        "A class named by module and class cannot be used.",
        "Check that the module imports, and that the class is of the right kind.",
    ),
    "PW-PLG-006": Code(
        "A plugin's hook does not fit its specification.", "Ask its author for a release that does."
    ),
    "PW-PLG-007": Code("A plugin is blocked by the configuration.", "Remove it from 'block:'."),
    "PW-PLG-008": Code(
        "A plugin asks for another release of plugwork.",
        "Install releases of plugwork and of the plugin that fit each other.",
    ),
    "PW-PLG-009": Code(
        "A plugin failed or hung when it was asked to check its settings.",
        "Run 'plugwork plugins doctor', or disable the plugin.",
    ),
    "PW-NAME-001": Code("No job of this name was found.", "Choose one of the listed names."),
    "PW-NAME-002": Code("No run matches.", "List the runs: plugwork runs list."),
    "PW-NAME-003": Code("The target cannot be loaded.", "Check the path or module name."),
    "PW-NAME-004": Code(
        "No schedule or sensor of this name was found.",
        "List them: plugwork automation list TARGET.",
    ),
    "PW-DEF-001": Code("A definition breaks a rule.", "Change the definition as the message says."),
    "PW-RUN-001": Code("The run config does not fit the job.", "Correct the fields listed."),
    "PW-RUN-002": Code("The step does not exist in the plan.", "Choose one of the plan's steps."),
    "PW-RUN-003": Code(
        "The executor needs what this run does not have.", "Choose another executor or instance."
    ),
    "PW-AUT-001": Code(
        "The function of a schedule or sensor raised.",
        "Mend the function at the line shown; an evaluation changes nothing when it fails.",
    ),
    "PW-STO-001": Code(
        "The storage cannot be reached.", "Check that it runs; the run waits until it is back."
    ),
    "PW-STO-002": Code("The disk is full.", "Free space on the named path, then run any command."),
    "PW-STO-003": Code("The storage is damaged or missing.", "Restore it, or choose another home."),
    "PW-STO-004": Code(
        "The storage has a schema this release does not know.", "Install a newer plugwork."
    ),
    "PW-STO-005": Code(
        "The run was taken over by another process.", "Nothing: the other one finishes or ends it."
    ),
    "PW-STO-006": Code("A cursor is not one of ours.", "Use a cursor from a page, unchanged."),
    "PW-STO-007": Code("The run exists already.", "Use a new run id."),
    "PW-STO-008": Code(
        "The file system cannot hold this storage.", "Choose a directory on a local disk."
    ),
    "PW-INS-001": Code("The home directory cannot be used.", "Set PLUGWORK_HOME to a directory."),
    "PW-INS-002": Code("The instance was disposed.", "Open a new instance."),
    "PW-INS-003": Code(
        "An ephemeral instance cannot do this.", "Use an instance with a home directory."
    ),
    "PW-FIL-001": Code(
        "A file handle leads outside the directory of its file manager.",
        "Read it with the file manager that wrote it, or set base_dir to the same directory.",
    ),
    "PW-FIL-002": Code(
        "An output cannot be stored: its value cannot be pickled.",
        "Give a value that can be, or store the output with another IO manager.",
    ),
    "PW-CLI-001": Code(
        "The command line is not understood.", "Look at the command's own help: add --help."
    ),
    "PW-CLI-002": Code("There is no command of this name.", "List them: plugwork --help."),
    "PW-CLI-003": Code("A short run id fits several runs.", "Type more of its characters."),
    "PW-CLI-004": Code(
        "A new project would overwrite a file.", "Choose another directory, or move the file."
    ),
    "PW-CLI-005": Code(
        "A run in this state cannot do what was asked.", "Look at it: plugwork runs show RUN."
    ),
    "PW-LOG-001": Code(
        "Another thread of this process captures its output already.",
        "Run one run at a time in a process, or set 'compute_logs: none'.",
    ),
}


class CheckError(Exception):
    """A programming error in an argument: wrong type, wrong combination."""


class ParameterCheckError(CheckError):
    """An argument has a value or type that the function does not take."""


class FrameworkError(Exception):
    """Base of every error that plugwork raises on purpose."""

    #: The error's code in :data:`CODES`; empty for an error that only code can mend.
    code: ClassVar[str] = ""
    #: What a command that meets the error exits with.
    exit_code: ClassVar[int] = 2
    is_user_code_error: ClassVar[bool] = False


class ConfigErrorReason(enum.Enum):
    """What kind of mistake a problem of a configuration is, for code that looks at it."""

    #: A value of another type, or outside what is allowed.
    RUNTIME_TYPE_MISMATCH = "RUNTIME_TYPE_MISMATCH"
    #: A required key is not given; the plural where its mapping lacks several.
    MISSING_REQUIRED_FIELD = "MISSING_REQUIRED_FIELD"
    MISSING_REQUIRED_FIELDS = "MISSING_REQUIRED_FIELDS"
    #: A key is not known; the plural where its mapping has several such keys.
    FIELD_NOT_DEFINED = "FIELD_NOT_DEFINED"
    FIELDS_NOT_DEFINED = "FIELDS_NOT_DEFINED"
    #: Not exactly one key where exactly one is to be chosen.
    SELECTOR_FIELD_ERROR = "SELECTOR_FIELD_ERROR"
    #: A field is given under both of its names.
    FIELD_ALIAS_COLLISION = "FIELD_ALIAS_COLLISION"
    #: A reference leads nowhere, or a function or class refused what it was given.
    FAILED_POST_PROCESSING = "FAILED_POST_PROCESSING"


@attrs.frozen
class Problem:
    """One mistake in a configuration, and where it stands."""

    code: str
    #: Says what, and what was expected; never shows a secret.
    message: str
    #: ``storage.postgres.pool_size``, or empty for the whole document.
    path: str = ""
    #: File as the user named it, or a phrase such as "--set on the command line".
    source: str | None = None
    #: Line and column, from 1; None when the value came from no file.
    line: int | None = None
    column: int | None = None
    #: What to do next, when the message does not say it.
    hint: str | None = None
    #: None for what is no matter of a schema, such as text that is not YAML.
    reason: ConfigErrorReason | None = None
    #: The way to it: ``("ops", "cfg", "config", "a")``.
    keys: tuple[str | int, ...] = ()

    @property
    def stack(self) -> str:
        """The way to it from the root: ``root:ops:cfg:config:a``."""
        return ":".join(["root", *map(str, self.keys)])

    def place(self) -> str:
        """Tell where the mistake stands, as ``file:line:column``."""
        parts = [self.source or ""] + [str(n) for n in (self.line, self.column) if n is not None]
        return ":".join(part for part in parts if part)

    def __str__(self) -> str:
        place = self.place()
        text = f"{self.code}  {self.message}"
        text = f"{place}  {text}" if place else text
        return f"{text}\n  {self.hint}" if self.hint else text


class InvalidConfigError(FrameworkError):
    """A configuration was refused; :attr:`errors` holds every problem of the document."""

    code = "PW-RUN-001"

    def __init__(
        self, preamble: str, errors: Sequence[Problem], config_value: object = None, *args: object
    ) -> None:
        self.errors = list(errors)
        self.config_value = config_value
        self.error_messages = [str(problem) for problem in self.errors]
        lines = [f"    Error {n}: {text}" for n, text in enumerate(self.error_messages, 1)]
        self.message = "\n".join([preamble, *lines])
        super().__init__(self.message, *args)


class InvalidDefinitionError(FrameworkError):
    """A definition breaks a rule: a name, a cycle, a duplicate, a missing resource."""

    code = "PW-DEF-001"


class InvalidConfigDefinitionError(InvalidDefinitionError):
    """A config schema is not one."""

    def __init__(
        self,
        original_root: object,
        current_value: object,
        stack: Sequence[str],
        reason: str | None = None,
    ) -> None:
        self.original_root = original_root
        self.current_value = current_value
        self.stack = list(stack)
        self.reason = reason
        at = f" at {' > '.join(self.stack)}" if self.stack else ""
        why = f": {reason}" if reason else ""
        super().__init__(f"{current_value!r} is not a config type{at}{why}")


class InvalidInvocationError(FrameworkError):
    """A definition was called with arguments that it does not take."""


class InvalidSubsetError(FrameworkError):
    """A selection matches nothing, or leaves out what it needs."""


class InvariantViolationError(FrameworkError):
    """A rule that can be checked only while running was broken."""


class UnknownResourceError(FrameworkError, AttributeError):
    """Code asked for a resource that it does not require."""

    def __init__(self, resource_name: str, *args: object) -> None:
        self.resource_name = resource_name
        super().__init__(
            f"no resource {resource_name!r} here; add it to required_resource_keys", *args
        )


class UnmetExecutorRequirementsError(FrameworkError):
    """An executor needs what the job or the instance does not have."""

    code = "PW-RUN-003"


class ExecutionStepNotFoundError(FrameworkError):
    """A step was named that the plan does not have."""

    code = "PW-RUN-002"

    def __init__(self, *args: object, step_keys: Sequence[str]) -> None:
        self.step_keys = list(step_keys)
        super().__init__(*args or (f"the plan has no step {', '.join(self.step_keys)}",))


class StepOutputNotFoundError(FrameworkError):
    """A step ended without a required output."""

    def __init__(self, *args: object, step_key: str, output_name: str) -> None:
        self.step_key = step_key
        self.output_name = output_name
        super().__init__(
            *args or (f"step {step_key!r} gave no value for its output {output_name!r}",)
        )


class RunNotFoundError(FrameworkError):
    """No run has this id."""

    code = "PW-NAME-002"
    exit_code = 3

    def __init__(self, *args: object, invalid_run_id: str) -> None:
        self.invalid_run_id = invalid_run_id
        super().__init__(*args or (f"no run {invalid_run_id!r}",))


class RunAlreadyExists(FrameworkError):
    """A run of this id is stored already."""

    code = "PW-STO-007"


class RunConflict(FrameworkError):
    """Another run has the id of one that was to be registered."""


class RunTooLargeError(FrameworkError):
    """A run is larger than what can be submitted at once."""


class SnapshotDoesNotExist(FrameworkError):
    """A run names a snapshot that is not stored."""


class ExecutionPlanSnapshotNotFoundError(FrameworkError):
    """A run names a snapshot of its plan that is not stored."""


class EventLogInvalidForRun(FrameworkError):
    """A row of a run's log cannot be read."""

    code = "PW-STO-003"
    exit_code = 4

    def __init__(self, run_id: str, *args: object) -> None:
        self.run_id = run_id
        super().__init__(*args or (f"the event log of run {run_id} has a row that is damaged",))


class InvalidCursorError(FrameworkError):
    """A cursor was not made by this storage."""

    code = "PW-STO-006"


class LaunchFailedError(FrameworkError):
    """A run worker could not be started."""

    def __init__(self, *args: object, serializable_error_info: object = None) -> None:
        self.serializable_error_info = serializable_error_info
        super().__init__(*args)


class BackfillFailedError(FrameworkError):
    """A backfill could not go on."""

    def __init__(self, *args: object, serializable_error_info: object = None) -> None:
        self.serializable_error_info = serializable_error_info
        super().__init__(*args)


class SubprocessError(FrameworkError):
    """Step processes ended abnormally.

    :param subprocess_error_infos: what each of them reported.
    """

    def __init__(self, *args: object, subprocess_error_infos: Sequence[Any]) -> None:
        self.subprocess_error_infos = list(subprocess_error_infos)
        super().__init__(*args)

    @classmethod
    def from_error_info(cls, error_info: Any) -> Self:
        """Make the error of one process from the ``SerializableErrorInfo`` that it sent."""
        return cls(error_info.to_string(), subprocess_error_infos=[error_info])


class _ProcessError(FrameworkError):
    """Carries what another process reported.

    :param user_code_process_error_infos: the ``SerializableErrorInfo`` of each error.
    """

    def __init__(self, *args: object, user_code_process_error_infos: Sequence[Any] = ()) -> None:
        self.user_code_process_error_infos = list(user_code_process_error_infos)
        super().__init__(*args)

    @classmethod
    def from_error_info(cls, error_info: Any) -> Self:
        """Make the error from the one ``SerializableErrorInfo`` that the process sent."""
        return cls(error_info.to_string(), user_code_process_error_infos=[error_info])


class UserCodeProcessError(_ProcessError):
    """User code failed in another process.

    An error that carries one error of that process is stored as that one, so that it keeps its
    identity.
    """


class UserCodeUnreachableError(FrameworkError):
    """The process that holds user code does not answer."""


class UserCodeUnreachableTimeoutError(UserCodeUnreachableError):
    """The process that holds user code did not answer in time."""


class CodeLocationNotFoundError(FrameworkError):
    """No code location has this name."""


class CodeLocationLoadError(FrameworkError):
    """Code locations could not be loaded.

    :param load_error_infos: what each of them reported.
    """

    def __init__(self, *args: object, load_error_infos: Sequence[Any] = ()) -> None:
        self.load_error_infos = list(load_error_infos)
        super().__init__(*args)


class WorkerLostError(FrameworkError):
    """The process that held a run or a step is gone, and cannot say why itself."""


class UnknownStepStateError(FrameworkError):
    """A step's executor ended without telling how the step ended."""


class MaxRetriesExceededError(_ProcessError):
    """A step asked for more attempts than it is allowed; raised only to who wants errors raised."""


class TypeCheckDidNotPass(FrameworkError):
    """A value is not of the declared type."""

    def __init__(
        self,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        type: object = None,  # noqa: A002 - a public parameter name
    ) -> None:
        self.description = description
        self.metadata = dict(metadata or {})
        self.type = type
        super().__init__(description or "the type check did not pass")


class HomeNotSetError(FrameworkError):
    """No home directory is named."""

    code = "PW-INS-001"


class InvalidHomeError(InvariantViolationError):
    """The named home directory cannot be used."""

    code = "PW-INS-001"


class InstanceDisposedError(FrameworkError):
    """A disposed instance was used."""

    code = "PW-INS-002"


class EphemeralInstanceError(CheckError, FrameworkError):
    """Something was asked of an ephemeral instance that needs a home directory."""

    code = "PW-INS-003"


class AssetCheckFailedError(FrameworkError):
    """A blocking check of an asset failed."""


class UnknownPartitionError(FrameworkError):
    """A partition was named that its definition does not have."""


class UndefinedDataVersionError(FrameworkError):
    """A data version was asked for that nobody has given."""


class InvalidAssetKey(FrameworkError):
    """A value is not an asset key."""


class InvalidMetadata(FrameworkError):
    """A value cannot be metadata, or a key is not text."""


class DeserializationError(FrameworkError):
    """Stored data is not what its type says."""


class DefinitionChangedDeserializationError(DeserializationError):
    """Stored data belongs to a definition that has changed since."""


class PluginError(FrameworkError):
    """A plugin is missing, broken or at odds with another."""

    code = "PW-PLG-001"


class ComponentNotFoundError(PluginError):
    """No installed plugin brings this component."""

    code = "PW-PLG-002"


class PluginConflictError(PluginError):
    """Two distributions bring the same component."""

    code = "PW-PLG-003"


class PluginApiError(PluginError):
    """A plugin was written for an API number that this kernel does not serve."""

    code = "PW-PLG-004"


class ClassFormError(PluginError):
    """A class named by ``module`` and ``class`` cannot be used."""

    code = "PW-PLG-005"


class PluginHookError(PluginError):
    """A plugin's hook does not fit its specification."""

    code = "PW-PLG-006"


class PluginBlockedError(PluginError):
    """The configuration blocks a plugin that it also names."""

    code = "PW-PLG-007"


class PluginRequirementError(PluginError):
    """A plugin asks for a release of the kernel that this one is not."""

    code = "PW-PLG-008"


class TargetNotFoundError(FrameworkError):
    """A file, module or attribute that should hold definitions is not there."""

    code = "PW-NAME-003"
    exit_code = 3


class JobNotFoundError(FrameworkError):
    """The definitions have no job of this name."""

    code = "PW-NAME-001"
    exit_code = 3


class AutomationNotFoundError(FrameworkError):
    """The definitions have no schedule, or no sensor, of this name."""

    code = "PW-NAME-004"
    exit_code = 3


class StorageError(FrameworkError):
    """Base of what goes wrong in a storage."""

    code = "PW-STO-001"
    exit_code = 4


class StorageUnavailableError(StorageError):
    """The storage cannot be reached now; the same call may succeed later."""


class StorageFullError(StorageError):
    """The disk that holds the storage is full; nothing of the call was stored."""

    code = "PW-STO-002"


class StorageDamagedError(StorageError):
    """The stored data is damaged, or was taken away."""

    code = "PW-STO-003"


class StorageSchemaError(StorageError):
    """The stored schema is newer, or too old to open without a migration."""

    code = "PW-STO-004"
    exit_code = 2


class StoragePlaceError(StorageError):
    """The file system cannot hold this storage safely."""

    code = "PW-STO-008"
    exit_code = 2


class FencedError(StorageError):
    """The caller no longer owns the run: its fence was raised by who took it over."""

    code = "PW-STO-005"

    def __init__(self, run_id: str, fence: int) -> None:
        self.run_id = run_id
        self.fence = fence
        super().__init__(f"run {run_id} was taken over by another process (fence {fence})")


class FileHandleError(FrameworkError):
    """A file handle names a file that its file manager must not touch."""

    code = "PW-FIL-001"


class UnpicklableOutputError(FrameworkError):
    """A value cannot be stored for other steps, because it cannot be pickled."""

    code = "PW-FIL-002"


class CaptureBusyError(FrameworkError):
    """Output is captured for the whole process, and another thread does so now."""

    code = "PW-LOG-001"


class CommandLineError(FrameworkError):
    """A command line asks for what the command does not do."""

    code = "PW-CLI-001"


class AmbiguousRunError(FrameworkError):
    """The beginning of a run id fits several runs."""

    code = "PW-CLI-003"


class ProjectExistsError(FrameworkError):
    """A new project would overwrite a file."""

    code = "PW-CLI-004"


class RunStateError(FrameworkError):
    """A run is in a state in which it cannot be done with it what was asked."""

    code = "PW-CLI-005"


class UserCodeExecutionError(FrameworkError):
    """User code raised; :attr:`user_exception` is what it raised.

    :param user_exception: the user's exception.
    :param original_exc_info: its ``sys.exc_info()``.
    """

    is_user_code_error = True

    def __init__(
        self, *args: object, user_exception: Exception, original_exc_info: ExcInfo, **more: object
    ) -> None:
        if not isinstance(user_exception, Exception):
            raise CheckError(f"user_exception must be an Exception, got {user_exception!r}")
        if not isinstance(original_exc_info[0], type):
            raise CheckError("original_exc_info must be that of a raised exception")
        if more:
            raise CheckError(f"unexpected arguments: {', '.join(sorted(more))}")
        self.user_exception = user_exception
        self.original_exc_info = original_exc_info
        super().__init__(*args)


class StepExecutionError(UserCodeExecutionError):
    """An op's function raised."""

    def __init__(
        self, *args: object, step_key: str, op_name: str, op_def_name: str, **kwargs: Any
    ) -> None:
        self.step_key = step_key
        self.op_name = op_name
        self.op_def_name = op_def_name
        super().__init__(*args, **kwargs)


class LoadInputError(UserCodeExecutionError):
    """An input could not be loaded."""

    def __init__(self, *args: object, step_key: str, input_name: str, **kwargs: Any) -> None:
        self.step_key = step_key
        self.input_name = input_name
        super().__init__(*args, **kwargs)


class HandleOutputError(UserCodeExecutionError):
    """An output could not be stored."""

    def __init__(self, *args: object, step_key: str, output_name: str, **kwargs: Any) -> None:
        self.step_key = step_key
        self.output_name = output_name
        super().__init__(*args, **kwargs)


class TypeCheckError(UserCodeExecutionError):
    """A type check function raised."""


class TypeLoadingError(UserCodeExecutionError):
    """The value of an input could not be read from run config."""


class ResourceFunctionError(UserCodeExecutionError):
    """A resource could not be made or torn down."""


class ConfigMappingFunctionError(UserCodeExecutionError):
    """A config mapping function raised."""


class HookExecutionError(UserCodeExecutionError):
    """A hook raised."""


class EvaluationError(UserCodeExecutionError):
    """The function of a schedule or sensor raised."""

    code = "PW-AUT-001"


class ScheduleExecutionError(EvaluationError):
    """A schedule's function raised."""


class SensorExecutionError(EvaluationError):
    """A sensor's function raised."""


class RunStatusSensorExecutionError(EvaluationError):
    """A run status sensor's function raised."""


class PartitionExecutionError(UserCodeExecutionError):
    """The function of a partitioned config or partitions definition raised."""


class UserCodeLoadError(UserCodeExecutionError):
    """Importing the user's file or module raised."""

    code = "PW-NAME-003"


class ExecutionInterruptedError(BaseException):
    """A run was interrupted by a signal.

    Not an ``Exception``, so that ``except Exception`` in user code does not swallow it.
    """


class PipesExecutionError(Exception):
    """A process that was opened by a step failed.

    Not a :class:`FrameworkError`, so that the retry policy of the step applies.
    """
