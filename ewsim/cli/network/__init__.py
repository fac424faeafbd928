"""`ewsim network`: tables of cells and sites, from checking to drawing."""
