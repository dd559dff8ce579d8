"""What a context says of assets and partitions, for an op that makes none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from plugwork.errors import InvariantViolationError

if TYPE_CHECKING:
    from plugwork.execution.step.step_context import StepExecutionContext
    from plugwork.model import AssetKey


class AssetAccess:
    """The members of an op's context that tell of assets and partitions."""

    __slots__ = ("_step",)

    _step: StepExecutionContext

    @property
    def has_partitions(self) -> bool:
        """Whether the run makes partitions."""
        return self.has_partition_key

    @property
    def has_partition_key(self) -> bool:
        """Whether the run makes one partition."""
        return self._step.has_partition_key

    @property
    def has_partition_key_range(self) -> bool:
        """Whether the run makes a range of partitions."""
        return False

    @property
    def partition_key(self) -> str:
        """The partition that the run makes.

        :raises InvariantViolationError: when it makes none.
        """
        return self._step.partition_key

    @property
    def partition_keys(self) -> list[str]:
        """All partitions that the run makes.

        :raises InvariantViolationError: when it makes none.
        """
        return [self.partition_key]

    @property
    def multi_partition_key(self) -> NoReturn:
        self._no_partitions("partition key of several dimensions")

    @property
    def partition_key_range(self) -> NoReturn:
        self._no_partitions("range of partition keys")

    @property
    def partition_time_window(self) -> NoReturn:
        self._no_partitions("time window of a partition")

    @property
    def has_assets_def(self) -> bool:
        """Whether the step makes assets."""
        return False

    @property
    def assets_def(self) -> NoReturn:
        self._no_asset("definition of assets")

    @property
    def asset_key(self) -> NoReturn:
        self._no_asset("asset key")

    @property
    def selected_asset_keys(self) -> frozenset[AssetKey]:
        """The assets that the step is to make; empty for an op."""
        return frozenset()

    @property
    def selected_asset_check_keys(self) -> frozenset[Any]:
        """The checks that the step is to make; empty for an op."""
        return frozenset()

    def asset_key_for_output(self, output_name: str = "result") -> NoReturn:
        self._no_asset(f"asset key of output {output_name!r}")

    def output_for_asset_key(self, asset_key: AssetKey) -> NoReturn:
        self._no_asset(f"output of asset {asset_key.to_user_string()}")

    def asset_key_for_input(self, input_name: str) -> AssetKey:
        """Return the asset that an input is loaded from.

        :raises InvariantViolationError: when the input names none.
        """
        declared = self._step.op_def.input_dict.get(input_name)
        if declared is None or declared.asset_key is None:
            self._no_asset(f"asset key of input {input_name!r}")
        return declared.asset_key

    def get_asset_provenance(self, asset_key: AssetKey) -> None:
        """Return from what an asset was made; None when nothing is known."""
        return None

    @property
    def asset_partition_key_range(self) -> NoReturn:
        self._no_partitions("range of partition keys")

    def asset_partition_key_for_output(self, output_name: str = "result") -> NoReturn:
        self._no_partitions(f"partition of output {output_name!r}")

    def asset_partition_keys_for_output(self, output_name: str = "result") -> NoReturn:
        self._no_partitions(f"partitions of output {output_name!r}")

    def asset_partition_key_range_for_output(self, output_name: str = "result") -> NoReturn:
        self._no_partitions(f"partitions of output {output_name!r}")

    def asset_partitions_time_window_for_output(self, output_name: str = "result") -> NoReturn:
        self._no_partitions(f"time window of output {output_name!r}")

    def asset_partitions_def_for_output(self, output_name: str = "result") -> NoReturn:
        self._no_partitions(f"partitions of output {output_name!r}")

    def asset_partition_key_for_input(self, input_name: str) -> NoReturn:
        self._no_partitions(f"partition of input {input_name!r}")

    def asset_partition_keys_for_input(self, input_name: str) -> NoReturn:
        self._no_partitions(f"partitions of input {input_name!r}")

    def asset_partition_key_range_for_input(self, input_name: str) -> NoReturn:
        self._no_partitions(f"partitions of input {input_name!r}")

    def asset_partitions_time_window_for_input(self, input_name: str = "result") -> NoReturn:
        self._no_partitions(f"time window of input {input_name!r}")

    def asset_partitions_def_for_input(self, input_name: str) -> NoReturn:
        self._no_partitions(f"partitions of input {input_name!r}")

    def _no_asset(self, what: str) -> NoReturn:
        raise InvariantViolationError(
            f"{self._step.describe_op()} makes no asset, so it has no {what}"
        )

    def _no_partitions(self, what: str) -> NoReturn:
        raise InvariantViolationError(
            f"{self._step.describe_op()} has no {what}: it makes no partitions; ask "
            "has_partition_key before"
        )
