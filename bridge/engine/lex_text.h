/* lex_text.h - how the lexer's files walk over the text. */
#ifndef SB_LEX_TEXT_H
#define SB_LEX_TEXT_H

#include "lex.h"

enum { LETTER = 1, DIGIT = 2, HEX = 4 };
extern const uint8_t class_of[256]; /* LETTER, DIGIT and HEX of each byte */

static inline bool is_word(char c)
{
    return (class_of[(unsigned char)c] & (LETTER | DIGIT)) != 0;
}

static inline bool is_digit(char c)
{
    return (class_of[(unsigned char)c] & DIGIT) != 0;
}

static inline int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if ((class_of[(unsigned char)c] & HEX) == 0)
        return -1;
    return (c | 0x20) - 'a' + 10;
}

static inline char peek(const struct lexer *lexer, uint32_t ahead)
{
    size_t at = (size_t)lexer->at + ahead;
    return at < lexer->b->source_length ? lexer->b->source[at] : '\0';
}

static inline bool at_end(const struct lexer *lexer)
{
    return lexer->at >= lexer->b->source_length;
}

static inline uint32_t column(const struct lexer *lexer)
{
    return lexer->at - lexer->line_start + 1;
}

static inline sb_status fail_here(struct lexer *lexer, const char *message)
{
    return builder_error(lexer->b, SB_ERROR_SYNTAX, lexer->line, column(lexer), "%s", message);
}

static inline void pass_newline(struct lexer *lexer)
{
    lexer->at++;
    lexer->line++;
    lexer->line_start = lexer->at;
    lexer->line_fresh = true;
}

/* The length of a backslash-newline at the current place, or 0. */
static inline uint32_t continuation(const struct lexer *lexer)
{
    if (peek(lexer, 0) != '\\')
        return 0;
    if (peek(lexer, 1) == '\n')
        return 2;
    return peek(lexer, 1) == '\r' && peek(lexer, 2) == '\n' ? 3 : 0;
}

static inline void pass_continuation(struct lexer *lexer, uint32_t length)
{
    bool fresh = lexer->line_fresh;
    lexer->at += length - 1;
    pass_newline(lexer);
    lexer->line_fresh = fresh;
}

/* Passes one character above ASCII, or reports that it is none; `where` is "comment" and so on. */
sb_status pass_utf8(struct lexer *lexer, const char *where);

/* directive.c: a line that begins with #. Sets *define at "#define"; passes all others that it
 * accepts. */
sb_status read_directive(struct lexer *lexer, bool *define);

/* literal.c: constants, with the lexer at their first character. */
sb_status read_number(struct lexer *lexer);
sb_status read_float(struct lexer *lexer, uint32_t start, bool hex);
sb_status read_string(struct lexer *lexer);
/* 'a', and L, u, U, u8 of it. `prefix` is the letter before the quote; '8' for u8, 0 for none. */
sb_status read_character(struct lexer *lexer, char prefix);
/* Reports a literal that does not end before its line does. */
sb_status quoted_end(struct lexer *lexer, char quote);

#endif
