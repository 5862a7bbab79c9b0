"""WhatsApp's counterpart for demos and tests: Graph API and 360dialog double, scripted customers, faults, ledger."""

from relevo.simulator.echo import EchoProtocol, EchoReply
from relevo.simulator.faults import Faults
from relevo.simulator.ledger import Ledger
from relevo.simulator.numbers import Number, Receipts, Rules
from relevo.simulator.phone import Customer, NoReplyError, NothingToTapError, Received
from relevo.simulator.report import Finding, Report
from relevo.simulator.script import Script, ScriptError, load_script
from relevo.simulator.script_run import ScriptRun, run_script
from relevo.simulator.simulator import Simulator
from relevo.simulator.standalone import Standalone, StandaloneOptions, run_standalone, serve_simulator

__all__ = [
    "Customer",
    "EchoProtocol",
    "EchoReply",
    "Faults",
    "Finding",
    "Ledger",
    "NoReplyError",
    "NothingToTapError",
    "Number",
    "Receipts",
    "Received",
    "Report",
    "Rules",
    "Script",
    "ScriptError",
    "ScriptRun",
    "Simulator",
    "Standalone",
    "StandaloneOptions",
    "load_script",
    "run_script",
    "run_standalone",
    "serve_simulator",
]
