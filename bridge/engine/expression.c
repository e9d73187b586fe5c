/* expression.c - constant expressions, with C's types and conversions. */
#include "parse.h"

#include <string.h>

static bool is_signed(const struct value *value)
{
    return primitives[value->primitive].is_signed;
}

bool value_is_negative(const struct value *value)
{
    return value->kind == VALUE_INTEGER && is_signed(value) && (int64_t)value->bits < 0;
}

static sb_status fail(struct parser *p, const struct token *place, const char *message)
{
    return builder_error(p->b, SB_ERROR_MEANING, place->line, place->column, "%s", message);
}

/* ---- conversions ---------------------------------------------------------------------------- */

/* Cuts the bits to the size of the type and extends them again. */
static void normalize(struct value *value)
{
    const struct primitive *type = &primitives[value->primitive];
    if (type->kind == SB_BOOL)
        value->bits = value->bits != 0;
    else if (type->size < 8) {
        unsigned shift = 64 - 8u * type->size;
        value->bits <<= shift;
        if (type->is_signed)
            value->bits = (uint64_t)((int64_t)value->bits >> shift);
        else
            value->bits >>= shift;
    }
}

static double as_double(const struct value *value)
{
    if (value->kind == VALUE_FLOAT)
        return value->number;
    return is_signed(value) ? (double)(int64_t)value->bits : (double)value->bits;
}

sb_status convert_value(struct parser *p, struct value *value, sb_primitive primitive)
{
    const struct primitive *type = &primitives[primitive];
    if (value->kind != VALUE_INTEGER && value->kind != VALUE_FLOAT)
        return fail(p, current(p), "this constant is not a number and cannot become one");
    if (type->kind == SB_COMPLEX || type->size > 8 + 8 * (type->kind == SB_FLOAT))
        return builder_error(p->b, SB_ERROR_UNSUPPORTED, current(p)->line, current(p)->column,
                             "constants of type '%s' are not supported", type->spelling);
    if (type->kind == SB_FLOAT) {
        value->number = as_double(value);
        value->kind = VALUE_FLOAT;
        if (primitive == SB_PRIM_FLOAT)
            value->number = (double)(float)value->number;
    } else {
        if (value->kind == VALUE_FLOAT && type->kind == SB_BOOL)
            value->bits = value->number != 0;
        else if (value->kind == VALUE_FLOAT) {
            double number = value->number;
            if (!(number >= -0x1p63 && number < 0x1p64) || (number <= -1 && !type->is_signed))
                return fail(p, current(p), "this number does not fit in the integer type");
            value->bits = number < 0 ? (uint64_t)(int64_t)number : (uint64_t)number;
        }
        value->kind = VALUE_INTEGER;
    }
    value->primitive = (uint8_t)primitive;
    if (value->kind == VALUE_INTEGER)
        normalize(value);
    return SB_OK;
}

/* C's ranks of the types that arithmetic happens in. */
static unsigned rank(sb_primitive primitive)
{
    switch (primitive) {
    case SB_PRIM_LLONG:
    case SB_PRIM_ULLONG:
        return 3;
    case SB_PRIM_LONG:
    case SB_PRIM_ULONG:
        return 2;
    default:
        return 1;
    }
}

/* The integer promotions; types with names of their own become those they stand for. */
static sb_primitive promoted(sb_primitive primitive)
{
    const struct primitive *type = &primitives[primitive];
    if (primitive == SB_PRIM_WCHAR) /* on i386 it is long */
        return _Generic((wchar_t)0, long: SB_PRIM_LONG, unsigned: SB_PRIM_UINT, default: SB_PRIM_INT);
    if (type->size < sizeof(int))
        return SB_PRIM_INT;
    if (rank(primitive) > 1)
        return primitive;
    if (type->size == sizeof(int))
        return type->is_signed ? SB_PRIM_INT : SB_PRIM_UINT;
    if (type->size == sizeof(long))
        return type->is_signed ? SB_PRIM_LONG : SB_PRIM_ULONG;
    return type->is_signed ? SB_PRIM_LLONG : SB_PRIM_ULLONG;
}

static sb_status promote(struct parser *p, struct value *value)
{
    if (value->kind != VALUE_INTEGER)
        return SB_OK;
    return convert_value(p, value, promoted((sb_primitive)value->primitive));
}

/* The usual arithmetic conversions. */
static sb_status balance(struct parser *p, struct value *a, struct value *b)
{
    if (a->kind == VALUE_FLOAT || b->kind == VALUE_FLOAT) {
        sb_primitive to = SB_PRIM_FLOAT;
        const struct value *both[] = {a, b};
        for (int i = 0; i < 2; i++)
            if (both[i]->kind == VALUE_FLOAT && both[i]->primitive > (uint8_t)to)
                to = (sb_primitive)both[i]->primitive;
        if (convert_value(p, a, to) != SB_OK)
            return p->b->status;
        return convert_value(p, b, to);
    }
    if (promote(p, a) != SB_OK || promote(p, b) != SB_OK)
        return p->b->status;
    sb_primitive x = (sb_primitive)a->primitive, y = (sb_primitive)b->primitive, to;
    if (x == y)
        return SB_OK;
    if (primitives[x].is_signed == primitives[y].is_signed)
        to = rank(x) >= rank(y) ? x : y;
    else {
        sb_primitive of_signed = primitives[x].is_signed ? x : y;
        sb_primitive of_unsigned = primitives[x].is_signed ? y : x;
        if (rank(of_unsigned) >= rank(of_signed))
            to = of_unsigned;
        else if (primitives[of_signed].size > primitives[of_unsigned].size)
            to = of_signed;
        else
            to = of_signed == SB_PRIM_LONG ? SB_PRIM_ULONG : SB_PRIM_ULLONG;
    }
    if (convert_value(p, a, to) != SB_OK)
        return p->b->status;
    return convert_value(p, b, to);
}

/* ---- operators ------------------------------------------------------------------------------ */

static int precedence(unsigned kind)
{
    switch (kind) {
    case TOKEN_STAR:
    case TOKEN_SLASH:
    case TOKEN_PERCENT:
        return 10;
    case TOKEN_PLUS:
    case TOKEN_MINUS:
        return 9;
    case TOKEN_SHIFT_LEFT:
    case TOKEN_SHIFT_RIGHT:
        return 8;
    case TOKEN_LESS:
    case TOKEN_LESS_EQUAL:
    case TOKEN_GREATER:
    case TOKEN_GREATER_EQUAL:
        return 7;
    case TOKEN_EQUAL:
    case TOKEN_NOT_EQUAL:
        return 6;
    case TOKEN_AND:
        return 5;
    case TOKEN_XOR:
        return 4;
    case TOKEN_OR:
        return 3;
    case TOKEN_AND_AND:
        return 2;
    case TOKEN_OR_OR:
        return 1;
    default:
        return 0;
    }
}

static void set_int(struct value *value, int64_t number)
{
    *value =
        (struct value){.kind = VALUE_INTEGER, .primitive = SB_PRIM_INT, .bits = (uint64_t)number};
}

void size_value(struct value *value, uint64_t number)
{
    enum { SIZE = _Generic((size_t)0, unsigned: SB_PRIM_UINT, default: SB_PRIM_ULONG) };
    *value = (struct value){.kind = VALUE_INTEGER, .primitive = SIZE, .bits = number};
}

static bool is_true(const struct value *value)
{
    return value->kind == VALUE_FLOAT ? value->number != 0 : value->bits != 0;
}

static sb_status compare(struct value *a, const struct value *b, unsigned operation)
{
    int order; /* 2: unordered */
    if (a->kind == VALUE_FLOAT)
        order = a->number < b->number    ? -1
                : a->number > b->number  ? 1
                : a->number == b->number ? 0
                                         : 2;
    else if (is_signed(a))
        order = (int64_t)a->bits < (int64_t)b->bits ? -1 : (int64_t)a->bits > (int64_t)b->bits;
    else
        order = a->bits < b->bits ? -1 : a->bits > b->bits;
    bool result = operation == TOKEN_LESS            ? order == -1
                  : operation == TOKEN_LESS_EQUAL    ? order == -1 || order == 0
                  : operation == TOKEN_GREATER       ? order == 1
                  : operation == TOKEN_GREATER_EQUAL ? order == 1 || order == 0
                  : operation == TOKEN_EQUAL         ? order == 0
                                                     : order != 0;
    set_int(a, result);
    return SB_OK;
}

static sb_status float_arithmetic(struct parser *p, struct value *a, const struct value *b,
                                  const struct token *sign)
{
    switch (sign->kind) {
    case TOKEN_PLUS:
        a->number += b->number;
        break;
    case TOKEN_MINUS:
        a->number -= b->number;
        break;
    case TOKEN_STAR:
        a->number *= b->number;
        break;
    case TOKEN_SLASH:
        if (b->number == 0 && p->unevaluated == 0)
            return fail(p, sign, "division by zero in a constant expression");
        a->number = b->number == 0 ? 0 : a->number / b->number;
        break;
    default:
        return builder_error(p->b, SB_ERROR_MEANING, sign->line, sign->column,
                             "%s needs integers, not floating-point numbers",
                             token_spelling((enum token_kind)sign->kind));
    }
    if (a->primitive == SB_PRIM_FLOAT)
        a->number = (double)(float)a->number;
    return SB_OK;
}

static sb_status divide(struct parser *p, struct value *a, const struct value *b,
                        const struct token *sign)
{
    bool quotient = sign->kind == TOKEN_SLASH;
    if (b->bits == 0) {
        if (p->unevaluated == 0)
            return fail(p, sign, "division by zero in a constant expression");
        a->bits = 0;
    } else if (!is_signed(a))
        a->bits = quotient ? a->bits / b->bits : a->bits % b->bits;
    else if ((int64_t)b->bits == -1)
        a->bits = quotient ? 0 - a->bits : 0; /* an overflow shows when the result is cut to size */
    else
        a->bits = (uint64_t)(quotient ? (int64_t)a->bits / (int64_t)b->bits
                                      : (int64_t)a->bits % (int64_t)b->bits);
    return SB_OK;
}

/* + - * / % & | ^ on integers of one type. */
static sb_status integer_arithmetic(struct parser *p, struct value *a, const struct value *b,
                                    const struct token *sign)
{
    int64_t x = (int64_t)a->bits, y = (int64_t)b->bits, result = 0;
    bool overflow = false;
    switch (sign->kind) {
    case TOKEN_PLUS:
        overflow = __builtin_add_overflow(x, y, &result);
        a->bits += b->bits;
        break;
    case TOKEN_MINUS:
        overflow = __builtin_sub_overflow(x, y, &result);
        a->bits -= b->bits;
        break;
    case TOKEN_STAR:
        overflow = __builtin_mul_overflow(x, y, &result);
        a->bits *= b->bits;
        break;
    case TOKEN_AND:
        a->bits &= b->bits;
        break;
    case TOKEN_OR:
        a->bits |= b->bits;
        break;
    case TOKEN_XOR:
        a->bits ^= b->bits;
        break;
    default:
        overflow = y == -1 && x == INT64_MIN && sign->kind == TOKEN_SLASH;
        if (divide(p, a, b, sign) != SB_OK)
            return p->b->status;
    }
    uint64_t exact = a->bits;
    normalize(a);
    if (is_signed(a) && (overflow || a->bits != exact) && p->unevaluated == 0)
        return builder_error(p->b, SB_ERROR_MEANING, sign->line, sign->column,
                             "this constant expression overflows '%s'; write an operand with the "
                             "suffix U, L or UL",
                             primitives[a->primitive].spelling);
    return SB_OK;
}

static sb_status shift(struct parser *p, struct value *a, struct value *b, const struct token *sign)
{
    if (promote(p, a) != SB_OK || promote(p, b) != SB_OK)
        return p->b->status;
    unsigned width = 8u * primitives[a->primitive].size;
    if (value_is_negative(b) || b->bits >= width) {
        if (p->unevaluated == 0)
            return builder_error(p->b, SB_ERROR_MEANING, sign->line, sign->column,
                                 "the shift count must be 0 to %u here", width - 1);
        return SB_OK;
    }
    if (sign->kind == TOKEN_SHIFT_LEFT)
        a->bits <<= b->bits;
    else if (is_signed(a))
        a->bits = (uint64_t)((int64_t)a->bits >> b->bits);
    else
        a->bits >>= b->bits;
    normalize(a); /* 1 << 31 is INT_MIN, as compilers have it */
    return SB_OK;
}

static sb_status apply(struct parser *p, struct value *a, struct value *b, const struct token *sign)
{
    unsigned kind = sign->kind;
    bool numbers = a->kind <= VALUE_FLOAT && b->kind <= VALUE_FLOAT;
    if (!numbers)
        return builder_error(p->b, SB_ERROR_MEANING, sign->line, sign->column,
                             "%s needs numbers on both sides",
                             token_spelling((enum token_kind)kind));
    if (kind == TOKEN_SHIFT_LEFT || kind == TOKEN_SHIFT_RIGHT) {
        if (a->kind == VALUE_FLOAT || b->kind == VALUE_FLOAT)
            return float_arithmetic(p, a, b, sign);
        return shift(p, a, b, sign);
    }
    if (balance(p, a, b) != SB_OK)
        return p->b->status;
    int level = precedence(kind);
    if (level == 6 || level == 7)
        return compare(a, b, kind);
    if (a->kind == VALUE_FLOAT)
        return float_arithmetic(p, a, b, sign);
    return integer_arithmetic(p, a, b, sign);
}

/* ---- operands ------------------------------------------------------------------------------- */

sb_status parse_string(struct parser *p, struct value *out)
{
    *out = (struct value){.kind = VALUE_STRING, .string_start = current(p)->string_start};
    uint32_t line = current(p)->line, column = current(p)->column;
    while (at(p, TOKEN_STRING)) { /* their contents follow each other in the lexer's buffer */
        out->string_length += current(p)->string_length;
        if (out->string_length > SB_MAX_STRING)
            return builder_error(p->b, SB_ERROR_LIMIT, line, column,
                                 "this string is longer than %d bytes", SB_MAX_STRING);
        if (advance(p) != SB_OK)
            return p->b->status;
    }
    return SB_OK;
}

bool value_of_name(struct parser *p, uint32_t name, struct value *out)
{
    const struct builder *b = p->b;
    const struct name *known = &b->names[name];
    if (known->kind == NAME_ENUMERATOR) {
        const sb_type *type = &b->types[known->type];
        int64_t value = b->enumerators[known->index].value;
        bool is_large = value < 0 && (type->flags & SB_TYPE_SIGNED) == 0; /* above INT64_MAX */
        set_int(out, value);
        if (is_large || value < INT32_MIN || value > INT32_MAX)
            out->primitive = type->primitive != SB_PRIM_NONE ? type->primitive
                             : is_large                      ? SB_PRIM_ULLONG
                                                             : SB_PRIM_LLONG;
        return true;
    }
    if (known->kind != NAME_DECLARED || b->declarations[known->index].kind != SB_DECL_CONSTANT)
        return false;
    const sb_declaration *declaration = &b->declarations[known->index];
    const sb_constant *constant = &declaration->constant;
    if (constant->kind == SB_CONST_NONE)
        return false; /* only a compiler knows it */
    *out =
        (struct value){.kind = VALUE_INTEGER, .primitive = b->types[declaration->type].primitive};
    switch (constant->kind) {
    case SB_CONST_FLOAT:
        out->kind = VALUE_FLOAT;
        out->number = constant->as.f;
        return true;
    case SB_CONST_NULL:
        out->kind = VALUE_NULL;
        return true;
    case SB_CONST_STRING:
        out->kind = VALUE_STRING;
        out->string_length = constant->length;
        out->text = constant->as.s;
        return true;
    default:
        out->bits = constant->as.u;
        return true;
    }
}

static bool is_constant_name(const struct builder *b, const struct name *name)
{
    return name->kind == NAME_ENUMERATOR ||
           (name->kind == NAME_DECLARED && b->declarations[name->index].kind == SB_DECL_CONSTANT);
}

static sb_status no_constant(struct parser *p, const struct token *token)
{
    const char *name = token_name(p, token);
    char hint[80];
    const char *what =
        p->b->names[token->name].kind == NAME_UNKNOWN ? "is not known" : "is not a constant";
    if (p->macro != 0)
        return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                             "'%.60s' %s;%s the value of '#define %.60s' must be an integer, a "
                             "floating-point number, a string or an expression of constants",
                             name, what, suggestion(p, name, hint, is_constant_name),
                             builder_string(p->b, p->macro));
    return builder_error(p->b, SB_ERROR_MEANING, token->line, token->column,
                         "'%.60s' %s;%s expected a constant expression", name, what,
                         suggestion(p, name, hint, is_constant_name));
}

static sb_status type_in_parens(struct parser *p, sb_type_id *type)
{
    unsigned quals;
    if (parse_type_name(p, type, &quals) != SB_OK)
        return p->b->status;
    return expect(p, TOKEN_RIGHT_PAREN, "after the type");
}

static sb_status parse_cast(struct parser *p, struct value *out);

/* sizeof and _Alignof. */
static sb_status size_of(struct parser *p, bool align, struct value *out)
{
    struct token place = *current(p);
    if (advance(p) != SB_OK)
        return p->b->status;
    if (at(p, TOKEN_LEFT_PAREN)) {
        if (advance(p) != SB_OK)
            return p->b->status;
        if (starts_type(p)) {
            sb_type_id id;
            if (type_in_parens(p, &id) != SB_OK)
                return p->b->status;
            const sb_type *type = &p->b->types[id];
            char shown[TYPE_SHOWN];
            if ((type->flags & SB_TYPE_COMPLETE) == 0 || type->kind == SB_FUNCTION)
                return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                                     "the size of '%s' is not known",
                                     type_shown(p->b, id, 0, NULL, shown, sizeof shown));
            size_value(out, align ? type->align : type->size);
            return SB_OK;
        }
        p->unevaluated++;
        if (parse_expression(p, out) != SB_OK)
            return p->b->status;
        p->unevaluated--;
        if (expect(p, TOKEN_RIGHT_PAREN, "after the expression") != SB_OK ||
            parse_postfix(p, out) != SB_OK)
            return p->b->status;
    } else {
        p->unevaluated++;
        if (parse_cast(p, out) != SB_OK)
            return p->b->status;
        p->unevaluated--;
    }
    if (out->kind == VALUE_OBJECT)
        return size_of_object(p, &place, align, out);
    if (align)
        return fail(p, &place, "_Alignof needs a type or an object");
    if (out->kind == VALUE_STRING)
        size_value(out, (uint64_t)out->string_length + 1);
    else if (out->kind == VALUE_NULL)
        size_value(out, sizeof(void *));
    else
        size_value(out, primitives[out->primitive].size);
    return SB_OK;
}

static sb_status parse_operand(struct parser *p, struct value *out)
{
    const struct token token = *current(p);
    char found[64];
    switch (token.kind) {
    case TOKEN_NUMBER:
        *out = (struct value){
            .kind = VALUE_INTEGER, .primitive = token.primitive, .bits = token.as.bits};
        return advance(p);
    case TOKEN_FLOAT:
        *out = (struct value){
            .kind = VALUE_FLOAT, .primitive = token.primitive, .number = token.as.number};
        return advance(p);
    case TOKEN_STRING:
        return parse_string(p, out);
    case TOKEN_NAME:
        break;
    default:
        return builder_error(p->b, SB_ERROR_SYNTAX, token.line, token.column,
                             "expected a constant, found %s", lexer_found(&p->lex, found));
    }
    switch (token.keyword) {
    case KEY_TRUE:
    case KEY_FALSE:
        set_int(out, token.keyword == KEY_TRUE);
        out->primitive = SB_PRIM_BOOL;
        return advance(p);
    case KEY_NULL:
        *out = (struct value){.kind = VALUE_NULL};
        return advance(p);
    case KEY_SIZEOF:
    case KEY_ALIGNOF:
        return size_of(p, token.keyword == KEY_ALIGNOF, out);
    case KEY_OFFSETOF:
        return offset_of(p, out);
    case KEY_EXTENSION:
        if (advance(p) != SB_OK)
            return p->b->status;
        return parse_cast(p, out);
    case KEY_NONE:
        if (!value_of_name(p, token.name, out) &&
            !(p->unevaluated > 0 && object_of_name(p, token.name, out)))
            return no_constant(p, &token);
        if (advance(p) != SB_OK)
            return p->b->status;
        return out->kind == VALUE_OBJECT ? parse_postfix(p, out) : SB_OK;
    default:
        return expected(p, "a constant");
    }
}

static sb_status cast_to(struct parser *p, sb_type_id id, const struct token *place,
                         struct value *out)
{
    const sb_type *type = &p->b->types[id];
    char shown[TYPE_SHOWN];
    if (type->kind == SB_POINTER &&
        (out->kind == VALUE_NULL || (out->kind == VALUE_INTEGER && out->bits == 0))) {
        *out = (struct value){
            .kind = VALUE_NULL, .type = id, .has_address = true, .bits = out->bits};
        return SB_OK;
    }
    if (out->kind == VALUE_OBJECT && p->unevaluated > 0) {
        *out = (struct value){.kind = VALUE_OBJECT, .type = id};
        return SB_OK;
    }
    if (out->kind == VALUE_NULL && type_is_integer(type) && (out->has_address || p->unevaluated))
        *out = (struct value){
            .kind = VALUE_INTEGER, .primitive = SB_PRIM_UINTPTR, .bits = out->bits};
    if (type->kind == SB_POINTER && out->kind == VALUE_STRING)
        return SB_OK;
    if (type->primitive == SB_PRIM_NONE)
        return builder_error(p->b, SB_ERROR_UNSUPPORTED, place->line, place->column,
                             "a constant cannot be cast to '%s'; only numbers and NULL are "
                             "constants here",
                             type_shown(p->b, id, 0, NULL, shown, sizeof shown));
    return convert_value(p, out, (sb_primitive)type->primitive);
}

/* A cast or a prefix operator, and its operand. */
static sb_status parse_cast(struct parser *p, struct value *out)
{
    const struct token sign = *current(p);
    if (sign.kind != TOKEN_LEFT_PAREN && sign.kind != TOKEN_PLUS && sign.kind != TOKEN_MINUS &&
        sign.kind != TOKEN_NOT && sign.kind != TOKEN_TILDE && sign.kind != TOKEN_STAR &&
        sign.kind != TOKEN_AND && sign.keyword != KEY_SIZEOF &&
        sign.keyword != KEY_EXTENSION)
        return parse_operand(p, out);
    if (enter_nesting(p) != SB_OK)
        return p->b->status;
    sb_status status;
    if (sign.kind == TOKEN_NAME) {
        status = parse_operand(p, out);
        p->depth--;
        return status;
    }
    if (sign.kind == TOKEN_LEFT_PAREN) {
        if (advance(p) != SB_OK)
            return p->b->status;
        if (starts_type(p)) {
            sb_type_id type;
            if (type_in_parens(p, &type) != SB_OK || parse_cast(p, out) != SB_OK)
                return p->b->status;
            status = cast_to(p, type, &sign, out);
            p->depth--;
            return status;
        }
        p->depth--; /* parse_expression counts parentheses */
        if (parse_expression(p, out) != SB_OK ||
            expect(p, TOKEN_RIGHT_PAREN, "in the expression") != SB_OK)
            return p->b->status;
        return parse_postfix(p, out);
    }
    if (advance(p) != SB_OK || parse_cast(p, out) != SB_OK)
        return p->b->status;
    p->depth--;
    if (sign.kind == TOKEN_STAR || sign.kind == TOKEN_AND)
        return apply_to_object(p, &sign, out);
    if (out->kind > VALUE_FLOAT)
        return builder_error(p->b, SB_ERROR_MEANING, sign.line, sign.column, "%s needs a number",
                             token_spelling((enum token_kind)sign.kind));
    if (sign.kind == TOKEN_NOT) {
        set_int(out, !is_true(out));
        return SB_OK;
    }
    if (promote(p, out) != SB_OK)
        return p->b->status;
    if (sign.kind == TOKEN_TILDE) {
        if (out->kind == VALUE_FLOAT)
            return fail(p, &sign, "'~' needs an integer");
        out->bits = ~out->bits;
        normalize(out);
    } else if (sign.kind == TOKEN_MINUS && out->kind == VALUE_FLOAT)
        out->number = -out->number;
    else if (sign.kind == TOKEN_MINUS) {
        struct value zero = *out;
        zero.bits = 0;
        if (integer_arithmetic(p, &zero, out, &sign) != SB_OK)
            return p->b->status;
        *out = zero;
    }
    return SB_OK;
}

static sb_status parse_binary(struct parser *p, int least, struct value *out)
{
    if (parse_cast(p, out) != SB_OK)
        return p->b->status;
    for (;;) {
        const struct token sign = *current(p);
        int level = precedence(sign.kind);
        if (level == 0 || level < least)
            return SB_OK;
        bool is_logical = level <= 2;
        bool left = is_true(out);
        bool skipped = is_logical && left == (sign.kind == TOKEN_OR_OR);
        if (is_logical && out->kind > VALUE_FLOAT)
            return builder_error(p->b, SB_ERROR_MEANING, sign.line, sign.column,
                                 "%s needs numbers on both sides",
                                 token_spelling((enum token_kind)sign.kind));
        struct value right;
        p->unevaluated += skipped;
        if (advance(p) != SB_OK || parse_binary(p, level + 1, &right) != SB_OK)
            return p->b->status;
        p->unevaluated -= skipped;
        if (!is_logical) {
            if (apply(p, out, &right, &sign) != SB_OK)
                return p->b->status;
        } else
            set_int(out, skipped ? left : is_true(&right));
    }
}

sb_status parse_expression(struct parser *p, struct value *out)
{
    if (enter_nesting(p) != SB_OK || parse_binary(p, 1, out) != SB_OK)
        return p->b->status;
    if (at(p, TOKEN_QUESTION)) {
        const struct token question = *current(p);
        bool chosen = is_true(out);
        if (out->kind > VALUE_FLOAT)
            return fail(p, &question, "'?' needs a number before it");
        struct value yes = {.kind = VALUE_NULL}, no = yes;
        p->unevaluated += !chosen;
        if (advance(p) != SB_OK || parse_expression(p, &yes) != SB_OK)
            return p->b->status;
        p->unevaluated -= !chosen;
        if (expect(p, TOKEN_COLON, "in the conditional expression") != SB_OK)
            return p->b->status;
        p->unevaluated += chosen;
        if (parse_expression(p, &no) != SB_OK)
            return p->b->status;
        p->unevaluated -= chosen;
        if (yes.kind <= VALUE_FLOAT && no.kind <= VALUE_FLOAT && balance(p, &yes, &no) != SB_OK)
            return p->b->status;
        *out = chosen ? yes : no;
    }
    p->depth--;
    return SB_OK;
}

sb_status parse_integer(struct parser *p, const char *what, struct value *out)
{
    const struct token place = *current(p);
    if (parse_expression(p, out) != SB_OK)
        return p->b->status;
    if (out->kind != VALUE_INTEGER)
        return builder_error(p->b, SB_ERROR_MEANING, place.line, place.column,
                             "%s must be an integer", what);
    return SB_OK;
}

sb_status constant_of_value(struct parser *p, const struct value *value, sb_constant *out)
{
    *out = (sb_constant){.kind = SB_CONST_NULL};
    if (value->kind == VALUE_OBJECT || (value->kind == VALUE_NULL && value->bits != 0))
        return fail(p, current(p), "the value of an object is no constant");
    switch (value->kind) {
    case VALUE_INTEGER:
        out->kind = value->primitive == SB_PRIM_BOOL ? SB_CONST_BOOL
                    : is_signed(value)               ? SB_CONST_INT
                                                     : SB_CONST_UINT;
        out->as.u = value->bits;
        break;
    case VALUE_FLOAT:
        out->kind = SB_CONST_FLOAT;
        out->as.f = value->number;
        break;
    case VALUE_STRING:
        out->kind = SB_CONST_STRING;
        out->length = value->string_length;
        out->as.s = value->text != 0
                        ? value->text
                        : builder_store(p->b, value_bytes(p, value), value->string_length);
        if (out->as.s == SB_NONE)
            return p->b->status;
        break;
    default:
        break;
    }
    return SB_OK;
}
