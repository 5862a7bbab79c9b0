"""`relevo playbook …`: a playbook checked, tested and measured, all offline."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from relevo.cli.output import AsJson, command, write_json, write_table

app = typer.Typer(help="Playbooks.", no_args_is_help=True)

File = Annotated[str, typer.Argument(help="A file, or the name of a playbook that ships with Relevo.")]

_SHOWN_CONFUSIONS = 10
_NONE = "(nothing)"


@app.command("check")
@command
def check(file: File, as_json: AsJson = False) -> None:
    """Check that a playbook loads; name each problem with its line and what was probably meant."""
    from relevo.agents.engine.testing import check_file

    report = check_file(file)
    if as_json:
        problems = [{**asdict(problem), "text": str(problem)} for problem in report.problems]
        write_json({"name": report.name, "ok": report.ok, "problems": problems})
    else:
        for problem in report.problems:
            typer.echo(f"{'warning' if problem.warning else 'error'}: {problem}")
        typer.echo(f"{report.name} loads." if report.ok else f"{report.name} does not load.")
    if not report.ok:
        raise typer.Exit(1)


@app.command("test")
@command
def run_tests(file: File, as_json: AsJson = False) -> None:
    """Run the dialogues a playbook brings along (`tests:`)."""
    from relevo.agents.engine import testing

    report = testing.run_tests(file)
    if as_json:
        results = [{**asdict(result), "ok": result.ok} for result in report.results]
        write_json({"name": report.name, "ok": report.ok, "results": results})
    else:
        for result in report.results:
            typer.echo(str(result))
        passed = len(report.results) - len(report.failed)
        typer.echo(
            f"{report.name}: {passed} of {len(report.results)} passed." if report.results else "It has no tests."
        )
    if not report.ok:
        raise typer.Exit(1)


@app.command("measure")
@command
def measure(
    file: File,
    messages: Annotated[Path, typer.Option(help="Labelled messages: text, a tab, the intent; empty: about none.")],
    accept: Annotated[float | None, typer.Option(min=0, max=1, help="Instead of the playbook's `accept`.")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how well a playbook's intents understand a shop's real messages."""
    from relevo.agents.engine.load import load_playbook
    from relevo.agents.understanding.measuring import measure as measured
    from relevo.agents.understanding.measuring import read_labelled_tsv

    _, playbook = load_playbook(file)
    report = measured(playbook, read_labelled_tsv(messages), accept=accept)
    if as_json:
        write_json(report.as_json())
        return
    figures = [
        ("messages", f"{report.messages} ({report.in_scope} in scope)"),
        ("intents, examples", f"{report.intents}, {report.examples}"),
        ("right, of those in scope", _share(report.accuracy)),
        ("in scope told from the rest (AUROC)", "–" if report.auroc is None else f"{report.auroc:.3f}"),
        ("answerable at 95 % right", _share(report.answerable_at_95)),
        (
            f"answered at accept {report.accept:g}",
            f"{_share(report.answered)}, {_share(report.precision)} of them right",
        ),
        ("fit", f"{report.fit_seconds:.2f} s"),
        ("per message", f"{report.ms_per_message:.1f} ms"),
    ]
    write_table([report_name(file), ""], figures)
    if report.confusions:
        write_table(
            ["meant", "taken for", "times", "answered", "for example"],
            [
                (
                    c.intent or "(nothing)",
                    c.taken_for or "(nothing)",
                    c.count,
                    c.answered,
                    c.examples[0] if c.examples else "",
                )
                for c in report.confusions[:_SHOWN_CONFUSIONS]
            ],
        )
    for label, count in report.unknown_labels.items():
        many = "1 message" if count == 1 else f"{count} messages"
        typer.echo(f"The playbook has no intent `{label}`: {many} counted as out of scope.")


def report_name(file: str) -> str:
    """Return what a playbook is called, for a heading."""
    return Path(file).stem


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
