"""The models of dbt as assets downstream of staging, with their tests as checks; and the same build in a job.

A build takes the whole project: the marts are published together or not at all (docs/decisions.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtCliInvocation, DbtProject, dbt_assets

from extract.errors.dbt import BuildFailed, ProjectInvalid
from extract.modes import STAGING
from extract.settings import ROOT
from orchestrate.dagster.failures import as_failures
from orchestrate.dagster.resources import Warehouse
from orchestrate.dagster.workbooks import POOL
from orchestrate.dbt.manifest import read_manifest
from orchestrate.dbt.outcomes import held_up, is_failure, outcomes, shortened, told
from orchestrate.dbt.problems import located, one_line
from orchestrate.dbt.publication import kept
from orchestrate.dbt.results import read_results

_SELECTOR = "without_unit_tests"
_SETTINGS = DagsterDbtTranslatorSettings(enable_source_tests_as_checks=True)


class BehindLoads(DagsterDbtTranslator):
    """Puts whatever reads a table of staging behind the loads, which all write the ledger too."""

    def __init__(self, loads: Sequence[dg.AssetKey]) -> None:
        super().__init__(_SETTINGS)
        self._loads = loads

    def get_asset_spec(self, manifest: Mapping[str, Any], unique_id: str, project: DbtProject | None) -> dg.AssetSpec:
        """What dagster-dbt makes of a node, and the loads that it stands on."""
        spec = super().get_asset_spec(manifest, unique_id, project)
        parents = manifest["parent_map"].get(unique_id, ())
        reads = any(
            manifest["sources"][parent]["schema"] == STAGING for parent in parents if parent in manifest["sources"]
        )
        present = {dep.asset_key for dep in spec.deps}
        return spec.merge_attributes(deps=[key for key in self._loads if key not in present]) if reads else spec


def mart_assets(manifest: Path, loads: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Every seed and model of the project, behind the loads."""

    @dbt_assets(
        manifest=manifest, selector=_SELECTOR, name="marts", dagster_dbt_translator=BehindLoads(loads), pool=POOL
    )
    def marts(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
        with as_failures():
            dbt = warehouse.dbt()
        yield from _told(dbt.cli(["build"], context=context, raise_on_error=False), warehouse)

    return marts


def build(manifest: Path, context: dg.OpExecutionContext, warehouse: Warehouse) -> Iterator[Any]:
    """The same build in an op, which tells of materialisations and checks without being one of these assets."""
    with as_failures():
        dbt = warehouse.dbt()
    arguments = ["build", "--selector", _SELECTOR]
    invocation = dbt.cli(
        arguments,
        manifest=manifest,
        context=context,
        dagster_dbt_translator=DagsterDbtTranslator(_SETTINGS),
        raise_on_error=False,
    )
    yield from _told(invocation, warehouse)


def _told(invocation: DbtCliInvocation, warehouse: Warehouse) -> Iterator[Any]:
    """The events of a build; one that failed ends with the error that run.py would give."""
    yield from invocation.stream()
    if not invocation.is_successful():
        with as_failures():
            raise _failure(invocation, warehouse)


def _failure(invocation: DbtCliInvocation, warehouse: Warehouse) -> Exception:
    results = invocation.target_path / "run_results.json"
    if not results.exists():
        said = invocation.get_error() or "dbt gave no result"
        return ProjectInvalid(problem=located(one_line(said), ROOT))
    target = warehouse.target()
    manifest = read_manifest(invocation.target_path, ROOT)
    failed = [node for node in outcomes(read_results(results), manifest) if is_failure(node)]
    for node in failed:
        if error := held_up(node.name, node.message, target, None):
            return error
    return BuildFailed(failed=shortened([told(node) for node in failed]), marts=kept(target, manifest.publication))
