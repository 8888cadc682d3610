"""The sandbox is no part of the running account."""

import subprocess
import sys

import grimp


def test_nothing_that_serves_imports_the_sandbox() -> None:
    """Only the command line does, when the demonstration is asked for."""
    graph = grimp.build_graph("bot", "handlers", "notifications", "store")
    inside = graph.find_descendants("bot.sandbox") | {"bot.sandbox"}
    importers = {
        importer
        for module in inside
        for importer in graph.find_modules_that_directly_import(module)
        if importer not in inside
    }
    assert importers <= {"bot.cli"}


def test_starting_the_command_line_does_not_load_it() -> None:
    """Nor does the server's own module."""
    loaded = "import sys, bot.cli, bot.app; print([m for m in sys.modules if 'sandbox' in m])"
    said = subprocess.run(
        [sys.executable, "-c", loaded], capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"
