"""Reading requests: whom the service answers, paths, query strings, headers and bodies; each error a sentence."""
