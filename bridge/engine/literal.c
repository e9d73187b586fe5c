/* literal.c - numbers, characters and strings as written. */
#include "lex_text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

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

sb_status read_float(struct lexer *lexer, uint32_t start, bool hex)
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

sb_status read_number(struct lexer *lexer)
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
        return read_float(lexer, start, base == 16);
    if (!any)
        return bad_number(lexer, start,
                          base == 16 ? "expected hexadecimal digits" : "expected binary digits");
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

sb_status quoted_end(struct lexer *lexer, char quote)
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

sb_status read_string(struct lexer *lexer)
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

sb_status read_character(struct lexer *lexer, char prefix)
{
    struct token *token = &lexer->token;
    uint64_t value = 0;
    unsigned count = 0;
    lexer->at++;
    while (peek(lexer, 0) != '\'') {
        uint32_t one = 0, start = lexer->at;
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
