"""Reading requests: whom the service answers, paths, query strings and bodies; each error a sentence."""
