"""ewsim: this alert, over this network, on this day: who was reached, when, who was missed, why."""

__version__ = "0.1.0"
