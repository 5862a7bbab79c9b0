"""WhatsApp's counterpart for demos and tests: Graph API and 360dialog double, scripted customers, faults, ledger."""

from relevo.simulator.echo import EchoProtocol, EchoReply
from relevo.simulator.faults import Faults
from relevo.simulator.ledger import Ledger
from relevo.simulator.numbers import Number, Receipts, Rules
from relevo.simulator.phone import Customer, NoReplyError, Received
from relevo.simulator.report import Finding, Report
from relevo.simulator.simulator import Simulator

__all__ = [
    "Customer",
    "EchoProtocol",
    "EchoReply",
    "Faults",
    "Finding",
    "Ledger",
    "NoReplyError",
    "Number",
    "Receipts",
    "Received",
    "Report",
    "Rules",
    "Simulator",
]
