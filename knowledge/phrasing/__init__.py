"""The optional language model. It words what code found, and is believed in nothing.

It sees no text of records: names and titles are handed over as numbered stand-ins, figures and the words of the
assistant as they are. What comes back is taken sentence by sentence (`knowledge.phrasing.checks`), with the names put
back by code; what the model left out or got wrong stands as it was composed.
"""

from knowledge.phrasing.phraser import Phraser

__all__ = ["Phraser"]
