"""Finding many known texts in another one, in a time that grows with that alone: whoever writes it may be hostile."""

from collections import deque
from collections.abc import Iterable

HEAD, MOST_HEADS = 8, 16
"""Characters with which texts begin that are looked for first, and how many different ones: where none of them stands,
no text does, and to look for so few is a hundred times as fast."""


class KnownTexts:
    """Texts that are looked for together, by the algorithm of Aho and Corasick. Safe to use from any thread.

    A regular expression of alternatives would try each text at each place, without letting another thread run: with
    64 KiB of texts that begin alike, one line could take it seconds.

    Args:
        texts: what is looked for; none is empty.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._next: list[dict[str, int]] = [{}]
        self._longest = [0]
        """By node, characters of the longest text that ends there; 0 for none."""
        texts = tuple(texts)
        for text in texts:
            self._add(text)
        self._heads = tuple({each[:HEAD] for each in texts})
        self._fallback = [0] * len(self._next)
        """By node, that of the longest beginning of a text with which it ends, and which it is not itself."""
        self._link()

    def replaced(self, text: str, replacement: str) -> str:
        """Return the text with the replacement where known texts stand; those that overlap are one place."""
        places = self._places(text) if self._may_hold_one(text) else ()
        if not places:
            return text
        pieces, done = [], 0
        for begin, end in places:
            pieces += [text[done:begin], replacement]
            done = end
        return "".join([*pieces, text[done:]])

    def _may_hold_one(self, text: str) -> bool:
        return len(self._heads) > MOST_HEADS or any(head in text for head in self._heads)

    def _places(self, text: str) -> list[tuple[int, int]]:
        places: list[tuple[int, int]] = []
        node = 0
        following, fallback, longest = self._next, self._fallback, self._longest
        for end, character in enumerate(text, 1):
            while (found := following[node].get(character)) is None and node:
                node = fallback[node]
            node = found or 0
            if size := longest[node]:
                begin = end - size
                while places and places[-1][1] > begin:
                    begin = min(begin, places.pop()[0])
                places.append((begin, end))
        return places

    def _add(self, text: str) -> None:
        node = 0
        for character in text:
            if character not in self._next[node]:
                self._next[node][character] = len(self._next)
                self._next.append({})
                self._longest.append(0)
            node = self._next[node][character]
        self._longest[node] = len(text)

    def _link(self) -> None:
        waiting = deque(self._next[0].values())
        while waiting:
            node = waiting.popleft()
            for character, child in self._next[node].items():
                other = self._fallback[node]
                while other and character not in self._next[other]:
                    other = self._fallback[other]
                self._fallback[child] = self._next[other].get(character, 0)
                self._longest[child] = self._longest[child] or self._longest[self._fallback[child]]
                waiting.append(child)
