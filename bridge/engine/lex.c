/* lex.c - from the text of a description to tokens; white space and comments. */
#include "lex_text.h"

#include <stdio.h>
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
    if (name != SB_NONE && b->names[name].kind == NAME_UNKNOWN)
        b->names[name].keyword = keyword;
    return b->status;
}

sb_status lexer_init(struct lexer *lexer, struct builder *b)
{
    *lexer = (struct lexer){.b = b, .line = 1, .line_fresh = true};
#define X(id, spelling)                              \
    if (add_keyword(b, spelling, KEY_##id) != SB_OK) \
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

/* ---- characters ----------------------------------------------------------------------------- */

const uint8_t class_of[256] = {
    ['0'] = DIGIT | HEX,  ['1'] = DIGIT | HEX,  ['2'] = DIGIT | HEX,  ['3'] = DIGIT | HEX,
    ['4'] = DIGIT | HEX,  ['5'] = DIGIT | HEX,  ['6'] = DIGIT | HEX,  ['7'] = DIGIT | HEX,
    ['8'] = DIGIT | HEX,  ['9'] = DIGIT | HEX,  ['a'] = LETTER | HEX, ['b'] = LETTER | HEX,
    ['c'] = LETTER | HEX, ['d'] = LETTER | HEX, ['e'] = LETTER | HEX, ['f'] = LETTER | HEX,
    ['g'] = LETTER,       ['h'] = LETTER,       ['i'] = LETTER,       ['j'] = LETTER,
    ['k'] = LETTER,       ['l'] = LETTER,       ['m'] = LETTER,       ['n'] = LETTER,
    ['o'] = LETTER,       ['p'] = LETTER,       ['q'] = LETTER,       ['r'] = LETTER,
    ['s'] = LETTER,       ['t'] = LETTER,       ['u'] = LETTER,       ['v'] = LETTER,
    ['w'] = LETTER,       ['x'] = LETTER,       ['y'] = LETTER,       ['z'] = LETTER,
    ['A'] = LETTER | HEX, ['B'] = LETTER | HEX, ['C'] = LETTER | HEX, ['D'] = LETTER | HEX,
    ['E'] = LETTER | HEX, ['F'] = LETTER | HEX, ['G'] = LETTER,       ['H'] = LETTER,
    ['I'] = LETTER,       ['J'] = LETTER,       ['K'] = LETTER,       ['L'] = LETTER,
    ['M'] = LETTER,       ['N'] = LETTER,       ['O'] = LETTER,       ['P'] = LETTER,
    ['Q'] = LETTER,       ['R'] = LETTER,       ['S'] = LETTER,       ['T'] = LETTER,
    ['U'] = LETTER,       ['V'] = LETTER,       ['W'] = LETTER,       ['X'] = LETTER,
    ['Y'] = LETTER,       ['Z'] = LETTER,       ['_'] = LETTER,       ['$'] = LETTER,
};

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

sb_status pass_utf8(struct lexer *lexer, const char *where)
{
    const struct builder *b = lexer->b;
    unsigned step =
        utf8_length((const unsigned char *)b->source + lexer->at, b->source_length - lexer->at);
    if (step == 0)
        return builder_error(lexer->b, SB_ERROR_SYNTAX, lexer->line, column(lexer),
                             "the byte 0x%02x in this %s is not UTF-8; save the text as UTF-8",
                             (unsigned)(unsigned char)peek(lexer, 0), where);
    lexer->at += step;
    return SB_OK;
}

/* ---- comments ------------------------------------------------------------------------------- */

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
    while (*stop > *start &&
           (text[*stop - 1] == ' ' || text[*stop - 1] == '\t' || text[*stop - 1] == '\r'))
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
            for (size_t i = 0;
                 i < indent && start < stop && (text[start] == ' ' || text[start] == '\t'); i++)
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

/* ---- tokens --------------------------------------------------------------------------------- */

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
            if (read_directive(lexer, &define) != SB_OK)
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
            return next == '"' ? read_string(lexer) : read_character(lexer, eight ? '8' : first);
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

/* Punctuators of one character, and the longer ones that add one character to them. */
static const struct {
    uint8_t one;
    char second;
    uint8_t two;
} punctuators[128] = {
    [';'] = {TOKEN_SEMICOLON, 0, 0},
    [','] = {TOKEN_COMMA, 0, 0},
    ['?'] = {TOKEN_QUESTION, 0, 0},
    ['('] = {TOKEN_LEFT_PAREN, 0, 0},
    [')'] = {TOKEN_RIGHT_PAREN, 0, 0},
    [']'] = {TOKEN_RIGHT_BRACKET, 0, 0},
    ['{'] = {TOKEN_LEFT_BRACE, 0, 0},
    ['}'] = {TOKEN_RIGHT_BRACE, 0, 0},
    ['+'] = {TOKEN_PLUS, 0, 0},
    ['-'] = {TOKEN_MINUS, '>', TOKEN_ARROW},
    ['*'] = {TOKEN_STAR, 0, 0},
    ['/'] = {TOKEN_SLASH, 0, 0},
    ['%'] = {TOKEN_PERCENT, 0, 0},
    ['^'] = {TOKEN_XOR, 0, 0},
    ['~'] = {TOKEN_TILDE, 0, 0},
    ['.'] = {TOKEN_DOT, 0, 0}, /* but "..." */
    [':'] = {TOKEN_COLON, ':', TOKEN_SCOPE},
    ['['] = {TOKEN_LEFT_BRACKET, '[', TOKEN_LEFT_ATTRIBUTE},
    ['='] = {TOKEN_ASSIGN, '=', TOKEN_EQUAL},
    ['!'] = {TOKEN_NOT, '=', TOKEN_NOT_EQUAL},
    ['&'] = {TOKEN_AND, '&', TOKEN_AND_AND},
    ['|'] = {TOKEN_OR, '|', TOKEN_OR_OR},
    ['<'] = {TOKEN_LESS, '=', TOKEN_LESS_EQUAL}, /* but "<<" */
    ['>'] = {TOKEN_GREATER, '=', TOKEN_GREATER_EQUAL},
};

/* <: :> <% %> are [ ] { }. */
static uint8_t digraph(unsigned char c, char next)
{
    if (c == '<')
        return next == ':' ? TOKEN_LEFT_BRACKET : next == '%' ? TOKEN_LEFT_BRACE : TOKEN_END;
    if (next != '>')
        return TOKEN_END;
    return c == ':' ? TOKEN_RIGHT_BRACKET : c == '%' ? TOKEN_RIGHT_BRACE : TOKEN_END;
}

static sb_status punctuator(struct lexer *lexer)
{
    unsigned char c = (unsigned char)peek(lexer, 0);
    char next = peek(lexer, 1);
    if (c >= 128 || punctuators[c].one == TOKEN_END)
        return unexpected_character(lexer);
    uint8_t kind = punctuators[c].one;
    uint32_t length = 1;
    if (c == '.' && next == '.' && peek(lexer, 2) == '.') {
        kind = TOKEN_ELLIPSIS;
        length = 3;
    } else if ((c == '<' || c == '>') && (unsigned char)next == c) {
        kind = c == '<' ? TOKEN_SHIFT_LEFT : TOKEN_SHIFT_RIGHT;
        length = 2;
    } else if (digraph(c, next) != TOKEN_END) {
        kind = digraph(c, next);
        length = 2;
    } else if (punctuators[c].two != TOKEN_END && next == punctuators[c].second) {
        kind = punctuators[c].two;
        length = 2;
    }
    lexer->token.kind = kind;
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
            status = read_number(lexer);
        else if (c == '.' && is_digit(peek(lexer, 1)))
            status = read_float(lexer, lexer->at, false);
        else if (c == '"')
            status = read_string(lexer);
        else if (c == '\'')
            status = read_character(lexer, 0);
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
#define X(id, spelling) \
    case TOKEN_##id:    \
        return "'" spelling "'";
        PUNCTUATORS(X)
#undef X
    case TOKEN_END:
        return "the end of the text";
    case TOKEN_LINE_END:
        return "the end of the line";
    case TOKEN_DEFINE:
        return "'#define'";
    case TOKEN_NAME:
        return "a name";
    case TOKEN_NUMBER:
    case TOKEN_FLOAT:
        return "a number";
    case TOKEN_STRING:
        return "a string";
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
