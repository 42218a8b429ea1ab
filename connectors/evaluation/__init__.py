"""How well what people type is understood, measured on labelled utterances: `commonground evaluate understanding`."""
