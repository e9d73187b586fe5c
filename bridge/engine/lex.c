/* lex.c - from the text of a description to tokens; comments, line markers and #pragma pack. */
#include "lex.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *spelling;
    uint8_t keyword;
} extra_keywords[] = {
    {"_Bool", KEY_BOOL},
    {"__alignof__", KEY_ALIGNOF},
    {"__alignof", KEY_ALIGNOF},
    {"alignof", KEY_ALIGNOF},
    {"alignas", KEY_ALIGNAS},
    {"asm", KEY_ASM},
    {"__asm", KEY_ASM},
    {"__attribute", KEY_ATTRIBUTE},
    {"__auto_type", KEY_AUTO},
    {"__stdcall", KEY_CALLING},
    {"__fastcall", KEY_CALLING},
    {"__thiscall", KEY_CALLING},
    {"__vectorcall", KEY_CALLING},
    {"WINAPI", KEY_CALLING},
    {"__complex__", KEY_COMPLEX},
    {"__complex", KEY_COMPLEX},
    {"__const", KEY_CONST},
    {"__const__", KEY_CONST},
    {"constexpr", KEY_CONST},
    {"__inline", KEY_INLINE},
    {"__inline__", KEY_INLINE},
    {"__forceinline", KEY_INLINE},
    {"noreturn", KEY_NORETURN},
    {"__builtin_offsetof", KEY_OFFSETOF},
    {"nullptr", KEY_NULL},
    {"__restrict", KEY_RESTRICT},
    {"__restrict__", KEY_RESTRICT},
    {"__signed", KEY_SIGNED},
    {"__signed__", KEY_SIGNED},
    {"static_assert", KEY_STATIC_ASSERT},
    {"thread_local", KEY_THREAD},
    {"__thread", KEY_THREAD},
    {"__typeof__", KEY_TYPEOF},
    {"__typeof", KEY_TYPEOF},
    {"typeof_unqual", KEY_TYPEOF},
    {"__volatile", KEY_VOLATILE},
    {"__volatile__", KEY_VOLATILE},
    {"__float128", KEY_FOREIGN},
    {"_Float16", KEY_FOREIGN},
    {"_Float128", KEY_FOREIGN},
    {"_Float64x", KEY_FOREIGN},
    {"__bf16", KEY_FOREIGN},
    {"_Decimal32", KEY_FOREIGN},
    {"_Decimal64", KEY_FOREIGN},
    {"_Decimal128", KEY_FOREIGN},
    {"_Imaginary", KEY_FOREIGN},
    {"_Generic", KEY_STATEMENT},
    {"break", KEY_STATEMENT},
    {"case", KEY_STATEMENT},
    {"continue", KEY_STATEMENT},
    {"default", KEY_STATEMENT},
    {"do", KEY_STATEMENT},
    {"else", KEY_STATEMENT},
    {"for", KEY_STATEMENT},
    {"goto", KEY_STATEMENT},
    {"if", KEY_STATEMENT},
    {"switch", KEY_STATEMENT},
    {"while", KEY_STATEMENT},
};

static sb_status add_keyword(struct builder *b, const char *spelling, uint8_t keyword)
{
    uint32_t name = builder_name(b, spelling, strlen(spelling));
    if (name != SB_NONE)
        b->names[name].keyword = keyword;
    return b->status;
}

sb_status lexer_init(struct lexer *lexer, struct builder *b)
{
    *lexer = (struct lexer){.b = b, .line = 1, .line_fresh = true};
#define X(id, spelling)                                                                         \
    if (add_keyword(b, spelling, KEY_##id) != SB_OK)                                            \
        return b->status;
    KEYWORDS(X)
#undef X
    for (size_t i = 0; i < sizeof extra_keywords / sizeof *extra_keywords; i++)
        if (add_keyword(b, extra_keywords[i].spelling, extra_keywords[i].keyword) != SB_OK)
            return b->status;
    static const char *const attributes[] = {
#define X(id, spelling, places, least, most) spelling,
        SB_ATTRIBUTES(X)
#undef X
    };
    for (unsigned i = 0; i < SB_ATTRIBUTE_COUNT; i++) {
        uint32_t name = builder_name(b, attributes[i], strlen(attributes[i]));
        if (name == SB_NONE)
            return b->status;
        b->names[name].attribute = (uint8_t)(i + 1);
    }
    /* A byte order mark says nothing. */
    if (b->source_length >= 3 && memcmp(b->source, "\xef\xbb\xbf", 3) == 0)
        lexer->at = lexer->line_start = 3;
    return b->status;
}

void lexer_clear(struct lexer *lexer)
{
    memory_free(lexer->buffer);
    lexer->buffer = NULL;
}

/* ---- characters --------------------------------------------------------------------------------- */

enum { LETTER = 1, DIGIT = 2, HEX = 4 };

static const uint8_t class_of[256] = {
    ['0'] = DIGIT | HEX, ['1'] = DIGIT | HEX, ['2'] = DIGIT | HEX, ['3'] = DIGIT | HEX,
    ['4'] = DIGIT | HEX, ['5'] = DIGIT | HEX, ['6'] = DIGIT | HEX, ['7'] = DIGIT | HEX,
    ['8'] = DIGIT | HEX, ['9'] = DIGIT | HEX, ['a'] = LETTER | HEX, ['b'] = LETTER | HEX,
    ['c'] = LETTER | HEX, ['d'] = LETTER | HEX, ['e'] = LETTER | HEX, ['f'] = LETTER | HEX,
    ['g'] = LETTER, ['h'] = LETTER, ['i'] = LETTER, ['j'] = LETTER, ['k'] = LETTER,
    ['l'] = LETTER, ['m'] = LETTER, ['n'] = LETTER, ['o'] = LETTER, ['p'] = LETTER,
    ['q'] = LETTER, ['r'] = LETTER, ['s'] = LETTER, ['t'] = LETTER, ['u'] = LETTER,
    ['v'] = LETTER, ['w'] = LETTER, ['x'] = LETTER, ['y'] = LETTER, ['z'] = LETTER,
    ['A'] = LETTER | HEX, ['B'] = LETTER | HEX, ['C'] = LETTER | HEX, ['D'] = LETTER | HEX,
    ['E'] = LETTER | HEX, ['F'] = LETTER | HEX, ['G'] = LETTER, ['H'] = LETTER, ['I'] = LETTER,
    ['J'] = LETTER, ['K'] = LETTER, ['L'] = LETTER, ['M'] = LETTER, ['N'] = LETTER,
    ['O'] = LETTER, ['P'] = LETTER, ['Q'] = LETTER, ['R'] = LETTER, ['S'] = LETTER,
    ['T'] = LETTER, ['U'] = LETTER, ['V'] = LETTER, ['W'] = LETTER, ['X'] = LETTER,
    ['Y'] = LETTER, ['Z'] = LETTER, ['_'] = LETTER, ['$'] = LETTER,
};

static bool is_word(char c)
{
    return (class_of[(unsigned char)c] & (LETTER | DIGIT)) != 0;
}

static bool is_digit(char c)
{
    return (class_of[(unsigned char)c] & DIGIT) != 0;
}

static int hex_value(char c)
{
    if (is_digit(c))
        return c - '0';
    if ((class_of[(unsigned char)c] & HEX) == 0)
        return -1;
    return (c | 0x20) - 'a' + 10;
}

bool text_is_utf8(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length;) {
        unsigned step = utf8_length((const unsigned char *)bytes + i, length - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

static char peek(const struct lexer *lexer, uint32_t ahead)
{
    size_t at = (size_t)lexer->at + ahead;
    return at < lexer->b->source_length ? lexer->b->source[at] : '\0';
}

static bool at_end(const struct lexer *lexer)
{
    return lexer->at >= lexer->b->source_length;
}

static uint32_t column(const struct lexer *lexer)
{
    return lexer->at - lexer->line_start + 1;
}

static sb_status fail_here(struct lexer *lexer, const char *message)
{
    return builder_error(lexer->b, SB_ERROR_SYNTAX, lexer->line, column(lexer), "%s", message);
}

static void pass_newline(struct lexer *lexer)
{
    lexer->at++;
    lexer->line++;
    lexer->line_start = lexer->at;
    lexer->line_fresh = true;
}

/* The length of a backslash-newline at the current place, or 0. */
static uint32_t continuation(const struct lexer *lexer)
{
    if (peek(lexer, 0) != '\\')
        return 0;
    if (peek(lexer, 1) == '\n')
        return 2;
    return peek(lexer, 1) == '\r' && peek(lexer, 2) == '\n' ? 3 : 0;
}

static void pass_continuation(struct lexer *lexer, uint32_t length)
{
    bool fresh = lexer->line_fresh;
    lexer->at += length - 1;
    pass_newline(lexer);
    lexer->line_fresh = fresh;
}

/* Passes one character above ASCII, in a comment or string. */
static sb_status pass_utf8(struct lexer *lexer, const char *where)
{
    const struct builder *b = lexer->b;
    unsigned step = utf8_length((const unsigned char *)b->source + lexer->at,
                                b->source_length - lexer->at);
    if (step == 0)
        return builder_error(lexer->b, SB_ERROR_SYNTAX, lexer->line, column(lexer),
                             "the byte 0x%02x in this %s is not UTF-8; save the text as UTF-8",
                             (unsigned)(unsigned char)peek(lexer, 0), where);
    lexer->at += step;
    return SB_OK;
}

/* ---- comments ----------------------------------------------------------------------------------- */

static sb_status skip_line_comment(struct lexer *lexer)
{
    while (!at_end(lexer) && peek(lexer, 0) != '\n') {
        uint32_t joined = continuation(lexer);
        if (joined != 0)
            pass_continuation(lexer, joined);
        else if (peek(lexer, 0) == '\0')
            return fail_here(lexer, "a NUL byte is not text");
        else if (((unsigned char)peek(lexer, 0) & 0x80) != 0) {
            if (pass_utf8(lexer, "comment") != SB_OK)
                return lexer->b->status;
        } else
            lexer->at++;
    }
    return SB_OK;
}

static sb_status skip_block_comment(struct lexer *lexer, struct token *token)
{
    uint32_t line = lexer->line, start_column = column(lexer), start = lexer->at;
    bool fresh = lexer->line_fresh;
    lexer->at += 2;
    for (;;) {
        char c = peek(lexer, 0);
        if (at_end(lexer))
            return builder_error(lexer->b, SB_ERROR_SYNTAX, line, start_column,
                                 "this comment does not end; expected '*/'");
        if (c == '*' && peek(lexer, 1) == '/' && lexer->at >= start + 2)
            break;
        if (c == '\n')
            pass_newline(lexer);
        else if (c == '\0')
            return fail_here(lexer, "a NUL byte is not text");
        else if (((unsigned char)c & 0x80) != 0) {
            if (pass_utf8(lexer, "comment") != SB_OK)
                return lexer->b->status;
        } else
            lexer->at++;
    }
    lexer->at += 2;
    lexer->line_fresh = fresh;
    const char *text = lexer->b->source + start;
    uint32_t length = lexer->at - start;
    if (length > 4 && text[2] == '*' && text[3] != '*') {
        struct span span = {start, lexer->at};
        if (text[3] == '<') {
            if (line == lexer->token_line)
                token->trailing = span;
        } else
            token->doc = span;
    }
    return SB_OK;
}

/* Bounds of the line of a comment that starts at `from`, without its decoration. */
static size_t doc_line(const char *text, size_t from, size_t end, size_t *start, size_t *stop)
{
    const char *newline = memchr(text + from, '\n', end - from);
    size_t next = newline == NULL ? end : (size_t)(newline - text);
    *start = from;
    *stop = next;
    while (*stop > *start && (text[*stop - 1] == ' ' || text[*stop - 1] == '\t' ||
                              text[*stop - 1] == '\r'))
        (*stop)--;
    return newline == NULL ? end : next + 1;
}

/* After the white space and the star that begin the lines of a comment. */
static size_t doc_margin(const char *text, size_t start, size_t stop)
{
    size_t at = start;
    while (at < stop && (text[at] == ' ' || text[at] == '\t'))
        at++;
    return at < stop && text[at] == '*' ? at + 1 : start;
}

sb_text lexer_doc(struct lexer *lexer, struct span comment)
{
    if (comment.start == comment.end)
        return 0;
    const char *text = lexer->b->source;
    size_t begin = comment.start + 3, end = comment.end - 2;
    if (begin < end && text[begin] == '<')
        begin++;
    size_t indent = SIZE_MAX, start, stop;
    bool first = true;
    for (size_t at = begin; at < end; first = false) {
        at = doc_line(text, at, end, &start, &stop);
        if (first)
            continue; /* text behind the opening has no margin to share */
        start = doc_margin(text, start, stop);
        size_t blank = 0;
        while (start + blank < stop && (text[start + blank] == ' ' || text[start + blank] == '\t'))
            blank++;
        if (start + blank < stop && blank < indent)
            indent = blank;
    }
    char *clean = memory_resize(NULL, end - begin + 2);
    if (clean == NULL) {
        builder_no_memory(lexer->b);
        return SB_NONE;
    }
    size_t length = 0;
    first = true;
    for (size_t at = begin; at < end; first = false) {
        at = doc_line(text, at, end, &start, &stop);
        if (first) {
            while (start < stop && (text[start] == ' ' || text[start] == '\t'))
                start++;
        } else {
            start = doc_margin(text, start, stop);
            for (size_t i = 0; i < indent && start < stop &&
                               (text[start] == ' ' || text[start] == '\t'); i++)
                start++;
        }
        if (start > stop)
            start = stop;
        memcpy(clean + length, text + start, stop - start);
        length += stop - start;
        clean[length++] = '\n';
    }
    size_t from = 0;
    while (from < length && clean[from] == '\n')
        from++;
    while (length > from && clean[length - 1] == '\n')
        length--;
    sb_text doc = builder_store(lexer->b, clean + from, length - from);
    memory_free(clean);
    return doc;
}

/* ---- # lines ------------------------------------------------------------------------------------ */

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
        lexer->pack = (uint8_t)value;
    else if (!push && !pop)
        lexer->pack = 0;
    return SB_OK;
}

/* A line that begins with #. Sets *define at "#define"; passes all others that it accepts. */
static sb_status directive(struct lexer *lexer, bool *define)
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
                                 "supported", (int)(which.end - which.start), source + which.start);
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

/* ---- numbers, characters, strings ---------------------------------------------------------------- */

static sb_status bad_number(struct lexer *lexer, uint32_t start, const char *why)
{
    uint32_t end = lexer->at;
    while (end < lexer->b->source_length && is_word(lexer->b->source[end]))
        end++;
    int length = (int)(end - start);
    return builder_error(lexer->b, SB_ERROR_SYNTAX, lexer->line, start - lexer->line_start + 1,
                         "'%.*s' is not a number: %s", length < 60 ? length : 60,
                         lexer->b->source + start, why);
}

static sb_status float_number(struct lexer *lexer, uint32_t start, bool hex)
{
    enum { LONGEST = 512 };
    char digits[LONGEST + 1];
    size_t length = 0;
    bool exponent = false;
    uint32_t at = start;
    for (; at < lexer->b->source_length; at++) {
        char c = lexer->b->source[at];
        if (c == '\'')
            continue;
        if ((c == '+' || c == '-') && exponent && length > 0 &&
            ((digits[length - 1] | 0x20) == 'e' || (digits[length - 1] | 0x20) == 'p')) {
        } else if (hex ? (c | 0x20) == 'p' : (c | 0x20) == 'e')
            exponent = true;
        else if (!(c == '.' || is_digit(c) ||
                   (hex && !exponent && (hex_value(c) >= 0 || (c | 0x20) == 'x'))))
            break;
        if (length == LONGEST)
            return bad_number(lexer, start, "it is too long");
        digits[length++] = c;
    }
    digits[length] = '\0';
    lexer->at = at;
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return builder_no_memory(lexer->b);
    char *end;
    struct token *token = &lexer->token;
    token->as.number = strtod_l(digits, &end, plain);
    freelocale(plain);
    if (end != digits + length || (hex && !exponent))
        return bad_number(lexer, start, "expected digits, one point and one exponent");
    token->kind = TOKEN_FLOAT;
    token->primitive = SB_PRIM_DOUBLE;
    char suffix = (char)(peek(lexer, 0) | 0x20);
    if (suffix == 'f') {
        token->primitive = SB_PRIM_FLOAT;
        token->as.number = (double)(float)token->as.number;
        lexer->at++;
    } else if (suffix == 'l') {
        token->primitive = SB_PRIM_LDOUBLE;
        lexer->at++;
    }
    if (is_word(peek(lexer, 0)))
        return bad_number(lexer, start, "unknown suffix");
    return SB_OK;
}

/* The first type of C's list that holds the value. */
static uint8_t integer_type(uint64_t value, bool is_unsigned, unsigned longs, bool decimal)
{
    if (longs == 0) {
        if (!is_unsigned && value <= INT32_MAX)
            return SB_PRIM_INT;
        if ((is_unsigned || !decimal) && value <= UINT32_MAX)
            return SB_PRIM_UINT;
    }
    if (longs <= 1 && sizeof(long) == 8) {
        if (!is_unsigned && value <= INT64_MAX)
            return SB_PRIM_LONG;
        return SB_PRIM_ULONG;
    }
    if (longs <= 1 && !is_unsigned && value <= INT32_MAX)
        return SB_PRIM_LONG;
    if (longs <= 1 && (is_unsigned || !decimal) && value <= UINT32_MAX)
        return SB_PRIM_ULONG;
    return !is_unsigned && value <= INT64_MAX ? SB_PRIM_LLONG : SB_PRIM_ULLONG;
}

static sb_status number(struct lexer *lexer)
{
    uint32_t start = lexer->at;
    unsigned base = 10;
    char second = (char)(peek(lexer, 1) | 0x20);
    if (peek(lexer, 0) == '0' && (second == 'x' || second == 'b')) {
        base = second == 'x' ? 16 : 2;
        lexer->at += 2;
    } else if (peek(lexer, 0) == '0')
        base = 8;
    uint64_t value = 0;
    bool overflow = false, eight = false, any = false;
    for (;; lexer->at++) {
        char c = peek(lexer, 0);
        if (c == '\'' && any && hex_value(peek(lexer, 1)) >= 0)
            continue;
        int digit = hex_value(c);
        if (digit < 0 || digit >= (base == 8 ? 10 : (int)base))
            break;
        any = true;
        eight = eight || (base == 8 && digit >= 8);
        overflow = overflow || value > (UINT64_MAX - (uint64_t)digit) / base;
        value = value * base + (uint64_t)digit;
    }
    char c = (char)(peek(lexer, 0) | 0x20);
    if (peek(lexer, 0) == '.' || (base == 16 ? c == 'p' : base != 2 && c == 'e'))
        return float_number(lexer, start, base == 16);
    if (!any)
        return bad_number(lexer, start, base == 16 ? "expected hexadecimal digits" :
                                                     "expected binary digits");
    if (eight)
        return bad_number(lexer, start, "octal numbers have no 8 or 9");
    if (overflow)
        return bad_number(lexer, start, "it needs more than 64 bits");
    bool is_unsigned = false;
    unsigned longs = 0;
    for (;; lexer->at++) {
        c = (char)(peek(lexer, 0) | 0x20);
        if (c == 'u' && !is_unsigned)
            is_unsigned = true;
        else if (c == 'l' && longs == 0) {
            longs = peek(lexer, 1) == peek(lexer, 0) ? 2 : 1;
            lexer->at += longs - 1;
        } else if (c == 'z' && longs == 0)
            longs = 1;
        else
            break;
    }
    if (is_word(peek(lexer, 0)))
        return bad_number(lexer, start, "unknown suffix");
    lexer->token.kind = TOKEN_NUMBER;
    lexer->token.as.bits = value;
    lexer->token.primitive = integer_type(value, is_unsigned, longs, base == 10);
    return SB_OK;
}

static sb_status put_byte(struct lexer *lexer, uint32_t byte)
{
    if (lexer->buffer_size == lexer->buffer_capacity) {
        uint32_t capacity = lexer->buffer_capacity == 0 ? 256 : lexer->buffer_capacity * 2;
        char *moved = memory_resize(lexer->buffer, capacity);
        if (moved == NULL)
            return builder_no_memory(lexer->b);
        lexer->buffer = moved;
        lexer->buffer_capacity = capacity;
    }
    lexer->buffer[lexer->buffer_size++] = (char)(unsigned char)byte;
    return SB_OK;
}

static sb_status put_character(struct lexer *lexer, uint32_t c)
{
    if (c < 0x80)
        return put_byte(lexer, c);
    if (c < 0x800) {
        if (put_byte(lexer, 0xc0 | c >> 6) != SB_OK)
            return lexer->b->status;
    } else {
        if (c < 0x10000) {
            if (put_byte(lexer, 0xe0 | c >> 12) != SB_OK)
                return lexer->b->status;
        } else if (put_byte(lexer, 0xf0 | c >> 18) != SB_OK ||
                   put_byte(lexer, 0x80 | (c >> 12 & 0x3f)) != SB_OK)
            return lexer->b->status;
        if (put_byte(lexer, 0x80 | (c >> 6 & 0x3f)) != SB_OK)
            return lexer->b->status;
    }
    return put_byte(lexer, 0x80 | (c & 0x3f));
}

/* Reads an escape sequence at the backslash. *whole: the value is a character, not a byte. */
static sb_status escape(struct lexer *lexer, uint32_t *value, bool *whole)
{
    static const char letters[] = "abfnrtv\\'\"?e", meant[] = "\a\b\f\n\r\t\v\\'\"?\x1b";
    uint32_t start = lexer->at;
    lexer->at++;
    char c = peek(lexer, 0);
    const char *letter = c == '\0' ? NULL : strchr(letters, c);
    *whole = false;
    if (letter != NULL) {
        *value = (unsigned char)meant[letter - letters];
        lexer->at++;
        return SB_OK;
    }
    uint64_t number = 0;
    if (c >= '0' && c <= '7') {
        for (int i = 0; i < 3 && peek(lexer, 0) >= '0' && peek(lexer, 0) <= '7'; i++)
            number = number * 8 + (uint64_t)(peek(lexer, 0) - '0'), lexer->at++;
    } else if (c == 'x') {
        lexer->at++;
        if (hex_value(peek(lexer, 0)) < 0)
            return fail_here(lexer, "expected hexadecimal digits after '\\x'");
        for (; hex_value(peek(lexer, 0)) >= 0; lexer->at++)
            if (number <= UINT32_MAX)
                number = number * 16 + (uint64_t)hex_value(peek(lexer, 0));
    } else if (c == 'u' || c == 'U') {
        int digits = c == 'u' ? 4 : 8;
        lexer->at++;
        for (int i = 0; i < digits; i++, lexer->at++) {
            if (hex_value(peek(lexer, 0)) < 0)
                return fail_here(lexer, "expected 4 digits after '\\u' or 8 after '\\U'");
            number = number * 16 + (uint64_t)hex_value(peek(lexer, 0));
        }
        if (number > 0x10ffff || (number >= 0xd800 && number < 0xe000))
            return fail_here(lexer, "this escape is not a Unicode character");
        *whole = true;
    } else {
        lexer->at = start;
        return fail_here(lexer, "unknown escape sequence; write a backslash as '\\\\'");
    }
    if (number > UINT32_MAX) {
        lexer->at = start;
        return fail_here(lexer, "this escape is too large");
    }
    *value = (uint32_t)number;
    return SB_OK;
}

static sb_status quoted_end(struct lexer *lexer, char quote)
{
    char c = peek(lexer, 0);
    if (at_end(lexer) || c == '\n')
        return builder_error(lexer->b, SB_ERROR_SYNTAX, lexer->token.line, lexer->token.column,
                             "this %s does not end on its line; expected %c",
                             quote == '"' ? "string" : "character constant", quote);
    if (c == '\0')
        return fail_here(lexer, "a NUL byte is not text; write '\\0'");
    return SB_OK;
}

static sb_status string(struct lexer *lexer)
{
    struct token *token = &lexer->token;
    token->kind = TOKEN_STRING;
    token->string_start = lexer->buffer_size;
    lexer->at++;
    while (peek(lexer, 0) != '"') {
        uint32_t joined = continuation(lexer);
        if (joined != 0) {
            pass_continuation(lexer, joined);
            continue;
        }
        if (quoted_end(lexer, '"') != SB_OK)
            return lexer->b->status;
        if (peek(lexer, 0) == '\\') {
            uint32_t value, at = lexer->at;
            bool whole;
            if (escape(lexer, &value, &whole) != SB_OK)
                return lexer->b->status;
            if (!whole && value > 0xff) {
                lexer->at = at;
                return fail_here(lexer, "this escape is larger than a byte");
            }
            if ((whole ? put_character(lexer, value) : put_byte(lexer, value)) != SB_OK)
                return lexer->b->status;
        } else {
            uint32_t from = lexer->at;
            if (pass_utf8(lexer, "string") != SB_OK)
                return lexer->b->status;
            for (; from < lexer->at; from++)
                if (put_byte(lexer, (unsigned char)lexer->b->source[from]) != SB_OK)
                    return lexer->b->status;
        }
        if (lexer->buffer_size - token->string_start > SB_MAX_STRING)
            return builder_error(lexer->b, SB_ERROR_LIMIT, token->line, token->column,
                                 "this string is longer than %d bytes", SB_MAX_STRING);
    }
    lexer->at++;
    token->string_length = lexer->buffer_size - token->string_start;
    return SB_OK;
}

/* 'a', and L, u, U, u8 of it. `prefix` is the letter before the quote; '8' for u8, 0 for none. */
static sb_status character(struct lexer *lexer, char prefix)
{
    struct token *token = &lexer->token;
    uint64_t value = 0;
    unsigned count = 0;
    lexer->at++;
    while (peek(lexer, 0) != '\'') {
        uint32_t one, start = lexer->at;
        bool whole = false;
        if (quoted_end(lexer, '\'') != SB_OK)
            return lexer->b->status;
        if (peek(lexer, 0) == '\\') {
            if (escape(lexer, &one, &whole) != SB_OK)
                return lexer->b->status;
            if (one > 0xff && (prefix == 0 || prefix == '8')) {
                lexer->at = start;
                return fail_here(lexer, "this character does not fit in a char; write L'...'");
            }
        } else {
            if (pass_utf8(lexer, "character constant") != SB_OK)
                return lexer->b->status;
            const unsigned char *bytes = (const unsigned char *)lexer->b->source + start;
            uint32_t length = lexer->at - start;
            one = length == 1 ? bytes[0] : bytes[0] & (0x7fu >> length);
            for (uint32_t i = 1; i < length; i++)
                one = one << 6 | (bytes[i] & 0x3f);
            if (length > 1 && (prefix == 0 || prefix == '8')) {
                lexer->at = start;
                return fail_here(lexer, "this character does not fit in a char; write L'...'");
            }
        }
        if ((prefix == 'u' && one > 0xffff) || (prefix != 0 && count > 0) || count == 4) {
            lexer->at = start;
            return fail_here(lexer, "a character constant holds one character");
        }
        value = value << 8 | one;
        count++;
    }
    lexer->at++;
    if (count == 0)
        return fail_here(lexer, "this character constant is empty");
    token->kind = TOKEN_NUMBER;
    token->primitive = prefix == 'L'   ? SB_PRIM_WCHAR
                       : prefix == 'u' ? SB_PRIM_CHAR16
                       : prefix == 'U' ? SB_PRIM_CHAR32
                       : prefix == '8' ? SB_PRIM_UCHAR
                                       : SB_PRIM_INT;
    if (prefix == 0 && count == 1)
        value = (uint64_t)(int64_t)(char)(unsigned char)value; /* as plain char is here */
    else if (prefix == 0)
        value = (uint64_t)(int64_t)(int32_t)(uint32_t)value;
    token->as.bits = value;
    return SB_OK;
}

/* ---- tokens ---------------------------------------------------------------------------------------- */

/* Passes white space, comments and # lines. */
static sb_status skip_space(struct lexer *lexer)
{
    struct token *token = &lexer->token;
    for (;;) {
        char c = peek(lexer, 0);
        if (c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v')
            lexer->at++;
        else if (c == '\n') {
            if (lexer->in_define)
                return SB_OK;
            pass_newline(lexer);
        } else if (c == '/' && peek(lexer, 1) == '/') {
            if (skip_line_comment(lexer) != SB_OK)
                return lexer->b->status;
        } else if (c == '/' && peek(lexer, 1) == '*') {
            if (skip_block_comment(lexer, token) != SB_OK)
                return lexer->b->status;
        } else if (c == '\\' && continuation(lexer) != 0)
            pass_continuation(lexer, continuation(lexer));
        else if (c == '#' && lexer->line_fresh && !lexer->in_define) {
            bool define = false;
            token->line = lexer->line;
            token->column = column(lexer);
            token->text.start = lexer->at;
            if (directive(lexer, &define) != SB_OK)
                return lexer->b->status;
            if (define) {
                token->kind = TOKEN_DEFINE;
                return SB_OK;
            }
        } else
            return SB_OK;
    }
}

static sb_status word(struct lexer *lexer)
{
    struct token *token = &lexer->token;
    struct builder *b = lexer->b;
    uint32_t start = lexer->at, end = start;
    while (end < b->source_length && is_word(b->source[end]))
        end++;
    uint32_t length = end - start;
    char next = end < b->source_length ? b->source[end] : '\0';
    if (length <= 2 && (next == '"' || next == '\'')) {
        char first = b->source[start];
        bool eight = length == 2 && first == 'u' && b->source[start + 1] == '8';
        if (eight || (length == 1 && (first == 'L' || first == 'u' || first == 'U'))) {
            if (next == '"' && !eight)
                return fail_here(lexer, "wide strings are not supported; write the string "
                                        "without its prefix");
            lexer->at = end;
            return next == '"' ? string(lexer) : character(lexer, eight ? '8' : first);
        }
    }
    if (length > SB_MAX_NAME)
        return builder_error(b, SB_ERROR_LIMIT, token->line, token->column,
                             "the name '%.20s...' is longer than %d bytes", b->source + start,
                             SB_MAX_NAME);
    uint32_t name = builder_name(b, b->source + start, length);
    if (name == SB_NONE)
        return b->status;
    lexer->at = end;
    token->kind = TOKEN_NAME;
    token->name = name;
    token->keyword = b->names[name].keyword;
    return SB_OK;
}

static sb_status unexpected_character(struct lexer *lexer)
{
    unsigned char c = (unsigned char)peek(lexer, 0);
    if (c == 0)
        return fail_here(lexer, "a NUL byte is not text");
    if (c >= 0x80) {
        if (utf8_length((const unsigned char *)lexer->b->source + lexer->at,
                        lexer->b->source_length - lexer->at) == 0)
            return pass_utf8(lexer, "description");
        return fail_here(lexer, "names are ASCII here; other characters belong in comments and "
                                "strings");
    }
    if (c == '#')
        return fail_here(lexer, "'#' begins a line or has no place here");
    if (c < ' ' || c == 127)
        return builder_error(lexer->b, SB_ERROR_SYNTAX, lexer->line, column(lexer),
                             "the control character 0x%02x has no place here", c);
    return builder_error(lexer->b, SB_ERROR_SYNTAX, lexer->line, column(lexer),
                         "'%c' has no place in a declaration", c);
}

static sb_status punctuator(struct lexer *lexer)
{
    char next = peek(lexer, 1);
    enum token_kind kind;
    uint32_t length = 1;
    switch (peek(lexer, 0)) {
#define ONE(c, one) case c: kind = TOKEN_##one; break;
#define TWO(c, one, second, two)                                                                \
    case c:                                                                                     \
        kind = next == (second) ? TOKEN_##two : TOKEN_##one;                                    \
        length = next == (second) ? 2 : 1;                                                      \
        break;
    ONE(';', SEMICOLON)
    ONE(',', COMMA)
    ONE('?', QUESTION)
    ONE('(', LEFT_PAREN)
    ONE(')', RIGHT_PAREN)
    ONE(']', RIGHT_BRACKET)
    ONE('{', LEFT_BRACE)
    ONE('}', RIGHT_BRACE)
    ONE('+', PLUS)
    ONE('-', MINUS)
    ONE('*', STAR)
    ONE('/', SLASH)
    ONE('%', PERCENT)
    ONE('^', XOR)
    ONE('~', TILDE)
    TWO(':', COLON, ':', SCOPE)
    TWO('[', LEFT_BRACKET, '[', LEFT_ATTRIBUTE)
    TWO('=', ASSIGN, '=', EQUAL)
    TWO('!', NOT, '=', NOT_EQUAL)
    TWO('&', AND, '&', AND_AND)
    TWO('|', OR, '|', OR_OR)
#undef ONE
#undef TWO
    case '<':
        kind = next == '<' ? TOKEN_SHIFT_LEFT : next == '=' ? TOKEN_LESS_EQUAL : TOKEN_LESS;
        length = kind == TOKEN_LESS ? 1 : 2;
        break;
    case '>':
        kind = next == '>' ? TOKEN_SHIFT_RIGHT : next == '=' ? TOKEN_GREATER_EQUAL : TOKEN_GREATER;
        length = kind == TOKEN_GREATER ? 1 : 2;
        break;
    case '.':
        kind = next == '.' && peek(lexer, 2) == '.' ? TOKEN_ELLIPSIS : TOKEN_DOT;
        length = kind == TOKEN_DOT ? 1 : 3;
        break;
    default:
        return unexpected_character(lexer);
    }
    lexer->token.kind = (uint8_t)kind;
    lexer->at += length;
    return SB_OK;
}

sb_status lexer_next(struct lexer *lexer)
{
    struct token *token = &lexer->token;
    *token = (struct token){.kind = TOKEN_END};
    if (skip_space(lexer) != SB_OK)
        return lexer->b->status;
    if (token->kind != TOKEN_DEFINE) {
        token->line = lexer->line;
        token->column = column(lexer);
        token->text.start = lexer->at;
        char c = peek(lexer, 0);
        unsigned class = class_of[(unsigned char)c];
        sb_status status = SB_OK;
        if ((class & LETTER) != 0)
            status = word(lexer);
        else if ((class & DIGIT) != 0)
            status = number(lexer);
        else if (c == '.' && is_digit(peek(lexer, 1)))
            status = float_number(lexer, lexer->at, false);
        else if (c == '"')
            status = string(lexer);
        else if (c == '\'')
            status = character(lexer, 0);
        else if (at_end(lexer))
            token->kind = TOKEN_END;
        else if (c == '\n')
            token->kind = TOKEN_LINE_END;
        else
            status = punctuator(lexer);
        if (status != SB_OK)
            return status;
    }
    token->text.end = lexer->at;
    lexer->token_line = lexer->line;
    lexer->line_fresh = false;
    return SB_OK;
}

sb_status lexer_skip_body(struct lexer *lexer)
{
    uint32_t line = lexer->token.line, start_column = lexer->token.column;
    uint32_t depth = 1;
    struct token comment = {.kind = TOKEN_END};
    while (depth > 0) {
        char c = peek(lexer, 0);
        if (at_end(lexer))
            return builder_error(lexer->b, SB_ERROR_SYNTAX, line, start_column,
                                 "the function body that starts here does not end; expected '}'");
        if (c == '\n')
            pass_newline(lexer);
        else if (c == '\0')
            return fail_here(lexer, "a NUL byte is not text");
        else if (c == '/' && peek(lexer, 1) == '/') {
            if (skip_line_comment(lexer) != SB_OK)
                return lexer->b->status;
        } else if (c == '/' && peek(lexer, 1) == '*') {
            if (skip_block_comment(lexer, &comment) != SB_OK)
                return lexer->b->status;
        } else if (c == '"' || c == '\'') {
            lexer->token.line = lexer->line;
            lexer->token.column = column(lexer);
            for (lexer->at++; peek(lexer, 0) != c; lexer->at++) {
                if (quoted_end(lexer, c) != SB_OK)
                    return lexer->b->status;
                uint32_t joined = continuation(lexer);
                if (joined != 0) {
                    pass_continuation(lexer, joined);
                    lexer->at--;
                } else if (peek(lexer, 0) == '\\')
                    lexer->at++;
            }
            lexer->at++;
        } else {
            depth += c == '{';
            depth -= c == '}';
            lexer->at++;
        }
    }
    lexer->token_line = lexer->line;
    lexer->line_fresh = false;
    return lexer_next(lexer);
}

const char *token_spelling(enum token_kind kind)
{
    switch (kind) {
#define X(id, spelling) case TOKEN_##id: return "'" spelling "'";
    PUNCTUATORS(X)
#undef X
    case TOKEN_END: return "the end of the text";
    case TOKEN_LINE_END: return "the end of the line";
    case TOKEN_DEFINE: return "'#define'";
    case TOKEN_NAME: return "a name";
    case TOKEN_NUMBER:
    case TOKEN_FLOAT: return "a number";
    case TOKEN_STRING: return "a string";
    }
    return "nothing";
}

const char *lexer_found(const struct lexer *lexer, char buffer[64])
{
    const struct token *token = &lexer->token;
    switch (token->kind) {
    case TOKEN_NAME:
    case TOKEN_NUMBER:
    case TOKEN_FLOAT:
    case TOKEN_STRING: {
        const char *text = lexer->b->source + token->text.start;
        int length = (int)(token->text.end - token->text.start);
        int room = 40;
        if (length <= room)
            snprintf(buffer, 64, token->kind == TOKEN_STRING ? "%.*s" : "'%.*s'", length, text);
        else {
            while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
                room--;
            snprintf(buffer, 64, "'%.*s...'", room, text);
        }
        return buffer;
    }
    default:
        return token_spelling((enum token_kind)token->kind);
    }
}
