/* bind_attribute.c - what holds for every attribute alike: it stands in its place, once, with the
 * arguments it wants and no attribute that contradicts it. */
#include "bind.h"

#include <string.h>

static const struct {
    const char *spelling;
    uint16_t places;
    uint8_t least, most;
} table[SB_ATTRIBUTE_COUNT] = {
#define X(id, spelling, places, least, most) [SB_ATTR_##id] = {spelling, places, least, most},
    SB_ATTRIBUTES(X)
#undef X
};

/* The kinds of the arguments in order; the last stands for all that follow.
 *   s  a string, not empty    t  a string    n  an identifier
 *   l  a length: an identifier or a whole number above 0    i  a whole number above 0
 *   c  any constant */
static const char *argument_kinds(uint8_t id)
{
    switch (id) {
    case SB_ATTR_LIBRARY:
    case SB_ATTR_MODULE:
    case SB_ATTR_SUBMODULE:
    case SB_ATTR_PREFIX:
    case SB_ATTR_NAME:
    case SB_ATTR_SINCE:
    case SB_ATTR_VERSION:
    case SB_ATTR_CLASS:
    case SB_ATTR_GETTER:
    case SB_ATTR_SETTER:
    case SB_ATTR_OPERATOR:
    case SB_ATTR_STRING:
        return "s";
    case SB_ATTR_ADAPT:
        return "sn";
    case SB_ATTR_ARRAY:
        return "ln";
    case SB_ATTR_CAPACITY:
        return "i";
    case SB_ATTR_DEFAULT:
    case SB_ATTR_VALUE:
    case SB_ATTR_ON_ERROR:
        return "c";
    default:
        return "n";
    }
}

static const struct {
    uint8_t one, other;
    const char *why;
} contradictions[] = {
    {SB_ATTR_OUT, SB_ATTR_INOUT, "choose one: inout is both in and out"},
    {SB_ATTR_IN, SB_ATTR_OUT, "choose one, or write inout"},
    {SB_ATTR_IN, SB_ATTR_INOUT, "choose one: inout is both in and out"},
    {SB_ATTR_IN, SB_ATTR_VALUE, "a fixed value is not passed by the user"},
    {SB_ATTR_STRING, SB_ATTR_BYTES, "choose one: text or bytes"},
    {SB_ATTR_DEFAULT, SB_ATTR_VALUE, "a parameter with a fixed value is not passed at all"},
    {SB_ATTR_VALUE, SB_ATTR_OUT, "a fixed value is passed in"},
    {SB_ATTR_VALUE, SB_ATTR_INOUT, "a fixed value is passed in"},
    {SB_ATTR_VALUE, SB_ATTR_NULLABLE, "write value(NULL) to pass NULL always"},
    {SB_ATTR_VALUE, SB_ATTR_KEYWORD_ONLY, "a parameter with a fixed value is not passed at all"},
    {SB_ATTR_VALUE, SB_ATTR_ARRAY, "a parameter with a fixed value is not passed at all"},
    {SB_ATTR_VALUE, SB_ATTR_CONSUMED, "a parameter with a fixed value is not passed at all"},
    {SB_ATTR_DEFAULT, SB_ATTR_OUT, "an out parameter is not passed"},
    {SB_ATTR_HIDDEN, SB_ATTR_VALUE, "value hides the parameter already"},
    {SB_ATTR_KEYWORD_ONLY, SB_ATTR_OUT, "an out parameter is not passed"},
    {SB_ATTR_VALUE, SB_ATTR_SCOPE, "a parameter with a fixed value is not passed at all"},
    {SB_ATTR_VALUE, SB_ATTR_USER_DATA, "a parameter with a fixed value is not passed at all"},
    {SB_ATTR_VALUE, SB_ATTR_ON_ERROR, "a parameter with a fixed value is not passed at all"},
    {SB_ATTR_ADAPT, SB_ATTR_CLASS, "an adapted record has no class of its own"},
    {SB_ATTR_ADAPT, SB_ATTR_NAME, "an adapted record has no class of its own"},
    {SB_ATTR_ADAPT, SB_ATTR_HASHABLE, "an adapted record has no class of its own"},
    {SB_ATTR_ADAPT, SB_ATTR_ORDERED, "an adapted record has no class of its own"},
    {SB_ATTR_ADAPT, SB_ATTR_READONLY, "an adapted record has no class of its own"},
    {SB_ATTR_ADAPT, SB_ATTR_HIDDEN, "an adapted record has no class of its own"},
    {SB_ATTR_CLASS, SB_ATTR_NAME, "both name the class: keep class"},
    {SB_ATTR_RAISES, SB_ATTR_OK, "a value is either fine or raises"},
    {SB_ATTR_RAISES, SB_ATTR_STOP, "a value either ends an iteration or raises"},
    {SB_ATTR_OK, SB_ATTR_STOP, "stop is fine outside of an iteration already"},
    {SB_ATTR_FLAGS, SB_ATTR_STATUS, "a status is one value, flags are many"},
    {SB_ATTR_BASE, SB_ATTR_HIDDEN, "the base's fields are inherited; the field has no name"},
    {SB_ATTR_BASE, SB_ATTR_NAME, "the base's fields are inherited; the field has no name"},
    {SB_ATTR_BASE, SB_ATTR_READONLY, "the base's fields are inherited; the field has no name"},
    {SB_ATTR_SUBMODULE, SB_ATTR_MODULE, "write submodules in lines of their own"},
    {SB_ATTR_SUBMODULE, SB_ATTR_LIBRARY, "write submodules in lines of their own"},
    {SB_ATTR_SUBMODULE, SB_ATTR_PREFIX, "write submodules in lines of their own"},
    {SB_ATTR_EXCEPTION, SB_ATTR_MODULE, "write exceptions in lines of their own"},
    {SB_ATTR_EXCEPTION, SB_ATTR_LIBRARY, "write exceptions in lines of their own"},
    {SB_ATTR_EXCEPTION, SB_ATTR_PREFIX, "write exceptions in lines of their own"},
    {SB_ATTR_EXCEPTION, SB_ATTR_SUBMODULE, "write exceptions in lines of their own"},
};

const char *bind_spelling(sb_attribute_id id)
{
    return table[id].spelling;
}

struct attributes bind_attributes(const struct binder *binder, uint32_t first, uint32_t count)
{
    struct attributes result = {.count = count};
    if (count == 0)
        return result;
    result.rows = binder->b->attributes + first;
    for (uint32_t i = 0; i < count; i++)
        result.set[result.rows[i].id / 64] |= UINT64_C(1) << (result.rows[i].id % 64);
    return result;
}

const sb_attribute *bind_attribute(const struct attributes *attributes, sb_attribute_id id)
{
    if (!bind_has(attributes, id))
        return NULL;
    const sb_attribute *row = attributes->rows;
    while (row->id != id)
        row++;
    return row;
}

static const char *place_name(unsigned place)
{
    switch (place) {
    case SB_AT_FILE:
        return "a line of its own";
    case SB_AT_RECORD:
        return "a struct or union";
    case SB_AT_ENUM:
        return "an enum";
    case SB_AT_ENUMERATOR:
        return "an enumerator";
    case SB_AT_FIELD:
        return "a field";
    case SB_AT_FUNCTION:
        return "a function";
    case SB_AT_PARAMETER:
        return "a parameter";
    case SB_AT_VARIABLE:
        return "a variable";
    case SB_AT_CONSTANT:
        return "a constant";
    default:
        return "a typedef of this kind";
    }
}

static bool misplaced(struct binder *binder, const sb_attribute *attribute, unsigned place)
{
    char places[200] = "";
    size_t used = 0;
    unsigned rest = table[attribute->id].places;
    while (rest != 0) {
        unsigned one = rest & (0u - rest);
        rest &= rest - 1;
        const char *name = place_name(one);
        const char *glue = used == 0 ? "" : rest == 0 ? " or " : ", ";
        size_t glue_length = strlen(glue), name_length = strlen(name);
        if (used + glue_length + name_length >= sizeof places)
            break;
        memcpy(places + used, glue, glue_length);
        memcpy(places + used + glue_length, name, name_length + 1);
        used += glue_length + name_length;
    }
    return bind_fail(binder, attribute->line, attribute->column,
                     "[[%s]] cannot stand at %s; it belongs to %s", table[attribute->id].spelling,
                     place_name(place), places);
}

static bool check_argument(struct binder *binder, const sb_attribute *attribute, unsigned i,
                           char kind)
{
    const struct builder *b = binder->b;
    const sb_constant *argument = bind_argument(binder, attribute, i);
    sb_text name = bind_identifier(argument);
    const char *expected = NULL;
    switch (kind) {
    case 's':
        if (argument->kind == SB_CONST_STRING && argument->length > 0 &&
            memchr(builder_string(b, argument->as.s), '\0', argument->length) == NULL)
            return true;
        expected = "a string in double quotes, not empty";
        break;
    case 'n':
        if (name != 0)
            return true;
        expected = "a name without quotes";
        break;
    case 'l':
        if (name != 0)
            return true;
        expected = "the name of what holds the length, or a whole number above 0";
        break;
    case 'i':
        expected = "a whole number above 0";
        break;
    default:
        if (argument->kind != SB_CONST_NAME && argument->kind != SB_CONST_NONE)
            return true;
        return bind_fail(binder, attribute->line, attribute->column,
                         "[[%s]]: '%.200s' is no constant that is known here; write a number, a "
                         "string, true, false or NULL, or declare it first",
                         table[attribute->id].spelling, builder_string(b, name));
    }
    if (kind == 'l' || kind == 'i') {
        if ((argument->kind == SB_CONST_INT && argument->as.i > 0) ||
            (argument->kind == SB_CONST_UINT && argument->as.u > 0 && argument->as.u <= INT64_MAX))
            return true;
    }
    return bind_fail(binder, attribute->line, attribute->column, "argument %u of [[%s]] must be %s",
                     i + 1, table[attribute->id].spelling, expected);
}

static bool check_list(struct binder *binder, uint32_t first, uint32_t count, unsigned place)
{
    struct attributes all = {.count = 0};
    for (uint32_t i = 0; i < count; i++) {
        const sb_attribute *attribute = &binder->b->attributes[first + i];
        uint8_t id = attribute->id;
        if ((table[id].places & place) == 0)
            return misplaced(binder, attribute, place);
        if (bind_has(&all, id))
            return bind_fail(binder, attribute->line, attribute->column,
                             "[[%s]] is written twice here; once is enough", table[id].spelling);
        all.set[id / 64] |= UINT64_C(1) << (id % 64);
        if (attribute->argument_count < table[id].least ||
            (table[id].most != SB_ANY && attribute->argument_count > table[id].most))
            return bind_fail(binder, attribute->line, attribute->column,
                             "[[%s]] has %u argument%s, but takes %s%u", table[id].spelling,
                             attribute->argument_count, attribute->argument_count == 1 ? "" : "s",
                             table[id].least == table[id].most             ? ""
                             : attribute->argument_count < table[id].least ? "at least "
                                                                           : "at most ",
                             attribute->argument_count < table[id].least ? table[id].least
                                                                         : table[id].most);
        const char *kinds = argument_kinds(id);
        for (unsigned k = 0; k < attribute->argument_count; k++) {
            if (!check_argument(binder, attribute, k, *kinds))
                return false;
            if (kinds[1] != '\0')
                kinds++;
        }
    }
    if (count < 2)
        return true;
    for (size_t i = 0; i < sizeof contradictions / sizeof *contradictions; i++) {
        if (!bind_has(&all, contradictions[i].one) || !bind_has(&all, contradictions[i].other))
            continue;
        struct attributes list = bind_attributes(binder, first, count);
        const sb_attribute *one = bind_attribute(&list, contradictions[i].one);
        const sb_attribute *other = bind_attribute(&list, contradictions[i].other);
        const sb_attribute *later = one > other ? one : other;
        return bind_fail(binder, later->line, later->column,
                         "[[%s]] and [[%s]] contradict each other: %s", table[one->id].spelling,
                         table[other->id].spelling, contradictions[i].why);
    }
    return true;
}

static unsigned declaration_place(const struct builder *b, const sb_declaration *declaration)
{
    switch (declaration->kind) {
    case SB_DECL_FUNCTION:
        return SB_AT_FUNCTION;
    case SB_DECL_VARIABLE:
        return SB_AT_VARIABLE;
    case SB_DECL_RECORD:
        return SB_AT_RECORD;
    case SB_DECL_ENUM:
        return SB_AT_ENUM;
    case SB_DECL_CONSTANT:
        return SB_AT_CONSTANT;
    case SB_DECL_FILE:
        return SB_AT_FILE;
    default: /* a typedef: the parser gives a record's attributes to the record */
        switch (b->types[declaration->type].kind) {
        case SB_STRUCT:
        case SB_UNION:
            return SB_AT_RECORD;
        case SB_ENUM:
            return SB_AT_ENUM;
        default:
            return 0;
        }
    }
}

bool bind_check_attributes(struct binder *binder)
{
    const struct builder *b = binder->b;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++) {
        const sb_declaration *row = &b->declarations[i];
        if (row->attribute_count > 0 &&
            !check_list(binder, row->first_attribute, row->attribute_count,
                        declaration_place(b, row)))
            return false;
    }
    for (uint32_t i = binder->old_params; i < b->param_count; i++) {
        const sb_value *row = &b->params[i];
        if (row->attribute_count > 0 &&
            !check_list(binder, row->first_attribute, row->attribute_count, SB_AT_PARAMETER))
            return false;
    }
    for (uint32_t i = binder->old_fields; i < b->field_count; i++) {
        const sb_value *row = &b->fields[i].value;
        if (row->attribute_count > 0 &&
            !check_list(binder, row->first_attribute, row->attribute_count, SB_AT_FIELD))
            return false;
    }
    for (uint32_t i = binder->old_enumerators; i < b->enumerator_count; i++) {
        const sb_enumerator *row = &b->enumerators[i];
        if (row->attribute_count > 0 &&
            !check_list(binder, row->first_attribute, row->attribute_count, SB_AT_ENUMERATOR))
            return false;
    }
    return true;
}
