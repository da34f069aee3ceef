// Which samples a search finds.

/**
 * Say which samples hold every word of a search, in any order and also as parts of words.
 * @param {string[]} described All that is known of each sample, in words.
 * @param {string} search
 * @returns {boolean[]}
 */
export function findMatches(described, search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return described.map((text) => {
    const known = text.toLowerCase();
    return words.every((word) => known.includes(word));
  });
}
