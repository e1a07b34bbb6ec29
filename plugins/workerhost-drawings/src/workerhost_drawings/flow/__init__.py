"""The intermediate form: a typed, structured form of a workflow that every front end makes and the emitter reads."""
