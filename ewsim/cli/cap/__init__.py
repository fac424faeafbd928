"""`ewsim cap`: messages of the Common Alerting Protocol, from checking to signing."""
