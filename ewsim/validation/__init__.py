"""The models held against closed forms and published results: what `ewsim validate` runs.

`closed_forms` compares kernels with formulas that have one right answer; `field` runs presets of
published tests and compares what came out. A row says which of three it is: `closed_form`;
`calibrated`, where a parameter of the preset was fitted to this very number, so that agreement is
no evidence; `predicted`, where nothing was.
"""
