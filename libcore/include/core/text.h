/* core/text.h - the small functions: greetings, sums as text, words, lines. */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

#include "memory.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A capacity that is enough for core_sum_to_buffer, whatever the sum. */
#define CORE_SUM_TEXT_SIZE 21

/** How many times core_say_hello has greeted since the program began. It may be set, to count from
 * there; it wraps around at 2^32. The library counts atomically. Since 1.0. */
extern CORE_API uint32_t core_greetings;

/** Prints "Hello world!" and a newline to the standard output, flushes it, and counts one more in
 * core_greetings.
 *
 * Errors: CORE_IO when the output fails, with errno. May block. Any thread. Since 1.0. */
CORE_API enum core_status core_say_hello(void);

/** n!, the product of the numbers from 1 to n, exact.
 *
 * n: 0 to 20.
 * Errors: CORE_OVERFLOW for a greater n. Any thread. Since 1.0. */
CORE_API enum core_status core_fact(uint32_t n, uint64_t *result);

/** The sum of two numbers in decimal.
 *
 * text: the sum; the caller frees it with core_free.
 * Errors: CORE_OVERFLOW when the sum does not fit 64 bits; CORE_NOMEM. Any thread. Since 1.0. */
CORE_API enum core_status core_sum_as_string(uint64_t a, uint64_t b, char **text);

/** Writes the sum of two numbers in decimal into a buffer.
 *
 * buffer: where to; may be NULL when capacity is 0.
 * capacity: how many bytes buffer has room for. Text that is longer is cut; what is written ends
 * in a NUL whenever capacity is not 0.
 * length: how many bytes the whole text has without its NUL; written on CORE_TRUNCATED too.
 * Errors: CORE_OVERFLOW when the sum does not fit 64 bits; CORE_TRUNCATED when capacity is not
 * above *length. Any thread. Since 1.0. */
CORE_API enum core_status core_sum_to_buffer(uint64_t a, uint64_t b, char *buffer, size_t capacity,
                                             size_t *length);

/** Counts how often each word occurs in a text.
 *
 * A word is a longest run of characters that do not separate words. What separates words is white
 * space as Unicode defines it, control characters, the byte order mark, and the punctuation and
 * symbols of ASCII (the underscore too), of Latin-1, and of the Unicode blocks General Punctuation,
 * CJK Symbols and Punctuation, and Halfwidth and Fullwidth Forms; every other character, of
 * whatever script, is part of a word. An apostrophe (' or U+2019) or hyphen (-, U+2010 or U+2011)
 * that stands alone between two parts joins them into one word: "don't" and "well-known" are one
 * word each. Words that differ in case, or in how Unicode composes their letters, are different
 * words.
 *
 * text: what to look through.
 * words: the different words in order of first appearance, *n of them and a NULL after the last.
 * The array and the words are one block of memory: the caller frees it with core_free(*words).
 * counts: how often each word occurs, in the same order, not NULL even when *n is 0; the caller
 * frees it with core_free.
 * n: how many different words there are.
 * Errors: CORE_INVALID when text is not UTF-8; CORE_NOMEM.
 * Takes time proportional to the text's length. Any thread. Since 1.0. */
CORE_API enum core_status core_word_count(const char *text, char ***words, uint64_t **counts,
                                          size_t *n);

/** Counts the lines of a file. Each newline ends one; what follows the last is one more.
 *
 * path: the file, as fopen takes it.
 * Errors: CORE_IO when it cannot be opened or read, with errno.
 * May block. Any thread. Since 1.0. */
CORE_API enum core_status core_count_lines(const char *path, uint64_t *lines);

/** Always fails, to show what a failure looks like.
 *
 * Errors: CORE_STUCK, with the message "Hello Error: 🍏🍏". Any thread. Since 1.0. */
CORE_API enum core_status core_throws_error(void);

#ifdef __cplusplus
}
#endif

#endif
