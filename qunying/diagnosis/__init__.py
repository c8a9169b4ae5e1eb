"""诊断: declared detectors look at every covered day in order and open findings whose evidence is numbers; a
finding stays open until the numbers recover or a person dismisses it."""
