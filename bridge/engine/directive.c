/* directive.c - lines that begin with #: markers, #pragma pack, and what needs a preprocessor. */
#include "lex_text.h"

#include <string.h>

static void skip_blanks(struct lexer *lexer)
{
    for (;;) {
        char c = peek(lexer, 0);
        uint32_t joined = continuation(lexer);
        if (joined != 0)
            pass_continuation(lexer, joined);
        else if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v')
            lexer->at++;
        else
            return;
    }
}

static void skip_line(struct lexer *lexer)
{
    while (!at_end(lexer) && peek(lexer, 0) != '\n') {
        uint32_t joined = continuation(lexer);
        if (joined != 0)
            pass_continuation(lexer, joined);
        else
            lexer->at++;
    }
}

/* A word of a directive: letters and digits. */
static struct span directive_word(struct lexer *lexer)
{
    skip_blanks(lexer);
    struct span span = {lexer->at, lexer->at};
    while (is_word(peek(lexer, 0)))
        lexer->at++;
    span.end = lexer->at;
    return span;
}

static bool span_is(const struct lexer *lexer, struct span span, const char *word)
{
    return span.end - span.start == strlen(word) &&
           memcmp(lexer->b->source + span.start, word, span.end - span.start) == 0;
}

/* Decimal value of a span, or UINT32_MAX when it is not a number below that. */
static uint32_t span_number(const struct lexer *lexer, struct span span)
{
    uint64_t value = 0;
    for (uint32_t i = span.start; i < span.end; i++) {
        if (!is_digit(lexer->b->source[i]) || value > UINT32_MAX / 10)
            return UINT32_MAX;
        value = value * 10 + (uint64_t)(lexer->b->source[i] - '0');
    }
    return span.start == span.end || value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* # 12 "file" flags: the next line is line 12 of that file. */
static sb_status line_marker(struct lexer *lexer, struct span number)
{
    struct builder *b = lexer->b;
    struct marker marker = {.logical = span_number(lexer, number)};
    if (marker.logical == UINT32_MAX)
        return builder_error(b, SB_ERROR_SYNTAX, lexer->line, number.start - lexer->line_start + 1,
                             "expected a line number in this line marker");
    skip_blanks(lexer);
    if (peek(lexer, 0) == '"') {
        uint32_t start = ++lexer->at;
        while (!at_end(lexer) && peek(lexer, 0) != '"' && peek(lexer, 0) != '\n')
            lexer->at++;
        if (!text_is_utf8(b->source + start, lexer->at - start) ||
            memchr(b->source + start, '\0', lexer->at - start) != NULL)
            return fail_here(lexer, "the file name in this line marker is not UTF-8");
        marker.file = builder_intern(b, b->source + start, lexer->at - start);
        if (marker.file == SB_NONE)
            return b->status;
        if (marker.file == b->file)
            marker.file = 0;
    } else if (b->marker_count > 0)
        marker.file = b->markers[b->marker_count - 1].file;
    skip_line(lexer);
    marker.physical = lexer->line + 1;
    if (b->marker_count == b->marker_capacity) {
        uint32_t capacity = b->marker_capacity == 0 ? 16 : b->marker_capacity * 2;
        struct marker *moved = memory_resize(b->markers, capacity * sizeof *moved);
        if (moved == NULL)
            return builder_no_memory(b);
        b->markers = moved;
        b->marker_capacity = capacity;
    }
    b->markers[b->marker_count++] = marker;
    return SB_OK;
}

static sb_status pack_error(struct lexer *lexer)
{
    return fail_here(lexer, "expected pack(), pack(n), pack(push), pack(push, n) or pack(pop) "
                            "with n 1, 2, 4, 8 or 16");
}

static sb_status pragma_pack(struct lexer *lexer)
{
    bool push = false, pop = false;
    uint32_t value = UINT32_MAX;
    skip_blanks(lexer);
    if (peek(lexer, 0) != '(')
        return pack_error(lexer);
    lexer->at++;
    for (unsigned i = 0;; i++) {
        struct span word = directive_word(lexer);
        if (i == 0 && span_is(lexer, word, "push"))
            push = true;
        else if (i == 0 && span_is(lexer, word, "pop"))
            pop = true;
        else if (word.start != word.end && is_digit(lexer->b->source[word.start])) {
            value = span_number(lexer, word);
            if (value > 16 || (value & (value - 1)) != 0)
                return pack_error(lexer);
        } else if (word.start == word.end && i > 0)
            return pack_error(lexer); /* other words are labels of push and pop */
        skip_blanks(lexer);
        if (peek(lexer, 0) != ',')
            break;
        lexer->at++;
    }
    if (peek(lexer, 0) != ')')
        return pack_error(lexer);
    if (push) {
        if (lexer->pack_depth == SB_MAX_NESTING)
            return builder_error(lexer->b, SB_ERROR_LIMIT, lexer->line, 1,
                                 "more than %d #pragma pack(push) without pop", SB_MAX_NESTING);
        lexer->pack_stack[lexer->pack_depth++] = lexer->pack;
    }
    if (pop) {
        if (lexer->pack_depth == 0)
            return fail_here(lexer, "#pragma pack(pop) without a push before it");
        lexer->pack = lexer->pack_stack[--lexer->pack_depth];
    }
    if (value != UINT32_MAX)
        lexer->pack = value;
    else if (!push && !pop)
        lexer->pack = 0;
    return SB_OK;
}

sb_status read_directive(struct lexer *lexer, bool *define)
{
    uint32_t line = lexer->line, start_column = column(lexer);
    lexer->at++;
    struct span word = directive_word(lexer);
    const char *source = lexer->b->source;
    if (span_is(lexer, word, "define")) {
        *define = true;
        return SB_OK;
    }
    if (span_is(lexer, word, "line"))
        return line_marker(lexer, directive_word(lexer));
    if (word.start != word.end && is_digit(source[word.start]))
        return line_marker(lexer, word);
    if (span_is(lexer, word, "pragma")) {
        struct span which = directive_word(lexer);
        if (span_is(lexer, which, "pack") && pragma_pack(lexer) != SB_OK)
            return lexer->b->status;
        if (span_is(lexer, which, "ms_struct") || span_is(lexer, which, "scalar_storage_order"))
            return builder_error(lexer->b, SB_ERROR_UNSUPPORTED, line, start_column,
                                 "#pragma %.*s changes the layout of structs in a way that is not "
                                 "supported",
                                 (int)(which.end - which.start), source + which.start);
        skip_line(lexer);
        return SB_OK;
    }
    if (word.start == word.end && (peek(lexer, 0) == '\n' || at_end(lexer)))
        return SB_OK;
    int length = (int)(word.end - word.start);
    return builder_error(lexer->b, SB_ERROR_SYNTAX, line, start_column,
                         "'#%.*s' needs a preprocessor; run the text through 'cc -E' first, or "
                         "keep only '#define NAME constant' lines",
                         length < 40 ? length : 40, source + word.start);
}
