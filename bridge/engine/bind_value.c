/* bind_value.c - what one parameter, result or field is to the user, from its type and attributes
 * alone; how values hang together is bind_parameter.c's and bind_class.c's. */
#include "bind.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void bind_reset_value(sb_value *value)
{
    value->py_name = 0;
    value->direction = SB_IN;
    value->passing = SB_PASS_VALUE;
    value->flags = 0;
    value->value_type = value->type;
    value->length = -1;
    value->written = -1;
    value->partner = -1;
    value->scope = SB_SCOPE_CALL;
    value->user_data = -1;
    value->destroy = -1;
    value->held_by = -1;
    value->fixed = 0;
    value->free_function = SB_NONE;
    value->encoding = 0;
    value->encoding_errors = 0;
    value->constant = (sb_constant){.kind = SB_CONST_NONE};
}

bool bind_value_fail(struct binder *binder, const struct bind_subject *subject,
                     const sb_value *value, const sb_attribute *attribute, const char *format, ...)
{
    const struct builder *b = binder->b;
    char what[256];
    const char *owner = builder_string(b, subject->owner);
    if (owner[0] == '\0')
        owner = "an unnamed record";
    if (subject->use == BIND_RESULT)
        (void)snprintf(what, sizeof what, "the result of %.120s", owner);
    else if (value->name != 0)
        (void)snprintf(what, sizeof what, "%s '%.100s' of %.120s",
                       subject->use == BIND_FIELD ? "field" : "parameter",
                       builder_string(b, value->name), owner);
    else
        (void)snprintf(what, sizeof what, "an unnamed %s of %.120s",
                       subject->use == BIND_FIELD ? "field" : "parameter", owner);
    char message[400];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return bind_fail(binder, attribute != NULL ? attribute->line : value->line,
                     attribute != NULL ? attribute->column : value->column, "%s: %s", what,
                     message);
}

/* The type's spelling, for messages. */
static const char *spell(const struct binder *binder, const sb_value *value, char *buffer,
                         size_t capacity)
{
    sb_description d = {.strings = NULL};
    builder_publish(binder->b, &d);
    (void)sb_type_spell(&d, value->type, value->quals, NULL, buffer, capacity);
    return buffer;
}

static bool is_record(const sb_type *type)
{
    return type->kind == SB_STRUCT || type->kind == SB_UNION;
}

static bool is_byte(const sb_type *type)
{
    return type->size == 1 &&
           (type->kind == SB_CHAR || type->kind == SB_INT || type->kind == SB_UINT);
}

static bool is_unsigned_byte(const sb_type *type)
{
    return type->size == 1 && type->kind == SB_UINT;
}

static bool is_text(const sb_type *type)
{
    return type->kind == SB_CHAR || type->kind == SB_WIDE;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

/* What only a pointer can be. */
static bool refuse_pointer_attributes(struct binder *binder, const struct bind_subject *subject,
                                      const sb_value *value, const struct attributes *all)
{
    static const uint8_t wanted[] = {
        SB_ATTR_IN,       SB_ATTR_OUT,      SB_ATTR_INOUT, SB_ATTR_ARRAY,   SB_ATTR_ZERO_TERMINATED,
        SB_ATTR_CAPACITY, SB_ATTR_GROW,     SB_ATTR_DICT,  SB_ATTR_STRING,  SB_ATTR_BYTES,
        SB_ATTR_NULLABLE, SB_ATTR_FILENAME, SB_ATTR_OWNED, SB_ATTR_CONSUMED};
    if (all->count == 0)
        return true;
    for (size_t i = 0; i < sizeof wanted; i++) {
        const sb_attribute *attribute = bind_attribute(all, wanted[i]);
        char type[128];
        if (attribute != NULL)
            return bind_value_fail(
                binder, subject, value, attribute, "[[%s]] needs a pointer, but the type is %s",
                bind_spelling(wanted[i]), spell(binder, value, type, sizeof type));
    }
    return true;
}

static bool need_class(struct binder *binder, const struct bind_subject *subject,
                       const sb_value *value, sb_type_id id)
{
    const struct builder *b = binder->b;
    const sb_type *type = &b->types[id];
    bool is_builtin = (type->flags & SB_TYPE_BUILTIN) != 0; /* va_list: refused when it is used */
    if (!is_record(type) || subject->is_hidden || is_builtin ||
        bind_class_of(binder, id) != SB_NONE)
        return true;
    return bind_value_fail(binder, subject, value, NULL,
                           "%s %.100s has no class, so Python can neither pass nor get one; %s",
                           type->kind == SB_UNION ? "union" : "struct",
                           type->name == 0 ? "without a name" : builder_string(b, type->name),
                           type->name == 0 ? "give it a tag"
                                           : "do not hide it, or hide the "
                                             "function as well");
}

static bool need_complete(struct binder *binder, const struct bind_subject *subject,
                          const sb_value *value, const sb_attribute *attribute, sb_type_id id)
{
    const struct builder *b = binder->b;
    const sb_type *type = &b->types[id];
    if ((type->flags & SB_TYPE_COMPLETE) != 0 && type->kind != SB_FUNCTION && type->kind != SB_VOID)
        return true;
    if (type->kind == SB_FUNCTION || type->kind == SB_VOID)
        return bind_value_fail(
            binder, subject, value, attribute, "[[%s]] cannot make a %s; its size is not known",
            bind_spelling(attribute->id), type->kind == SB_VOID ? "void" : "function");
    return bind_value_fail(binder, subject, value, attribute,
                           "[[%s]]: %.100s is only declared, so its size is not known; define it "
                           "with its fields, or use a pointer to a pointer",
                           bind_spelling(attribute->id), builder_string(b, type->name));
}

/* [[string]] and [[bytes]] on elements or characters of that type. */
static bool set_text(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                     const struct attributes *all, const sb_type *element)
{
    const sb_attribute *string = bind_attribute(all, SB_ATTR_STRING);
    const sb_attribute *bytes = bind_attribute(all, SB_ATTR_BYTES);
    if (bytes != NULL) {
        if (!is_byte(element))
            return bind_value_fail(binder, subject, value, bytes,
                                   "[[bytes]] needs elements of one byte; leave it out for a list");
        value->flags |= SB_VALUE_BYTES;
    }
    if (string == NULL)
        return true;
    if (!is_byte(element) && element->kind != SB_WIDE)
        return bind_value_fail(binder, subject, value, string,
                               "[[string]] needs characters: char, a byte, wchar_t, char16_t or "
                               "char32_t");
    value->flags &= ~(uint32_t)SB_VALUE_BYTES;
    if (string->argument_count == 0)
        return true;
    if (element->kind == SB_WIDE)
        return bind_value_fail(binder, subject, value, string,
                               "wide characters have their own encoding; write [[string]] without "
                               "an argument");
    value->encoding = bind_argument(binder, string, 0)->as.s;
    if (string->argument_count > 1)
        value->encoding_errors = bind_argument(binder, string, 1)->as.s;
    return true;
}

/* An array of elements of that type. */
static bool set_array(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                      const struct attributes *all, const sb_attribute *why, sb_type_id element)
{
    const struct builder *b = binder->b;
    bool is_void = b->types[element].kind == SB_VOID;
    if (is_void) {
        element = binder->byte_type;
        value->flags |= SB_VALUE_BYTES;
    } else if (!need_complete(binder, subject, value, why, element) ||
               !need_class(binder, subject, value, element))
        return false;
    value->passing = SB_PASS_ARRAY;
    value->value_type = element;
    const sb_type *type = &b->types[element];
    bool given = subject->use != BIND_PARAMETER || value->direction != SB_IN;
    if (given && is_unsigned_byte(type))
        value->flags |= SB_VALUE_BYTES;
    const sb_type *inner = type->kind == SB_POINTER ? &b->types[type->target] : type;
    if (type->kind == SB_POINTER && inner->kind == SB_CHAR)
        value->flags |= SB_VALUE_STRING_ELEMENTS;
    return set_text(binder, subject, value, all, inner);
}

static void set_string(sb_value *value, sb_type_id character)
{
    value->passing = SB_PASS_STRING;
    value->value_type = character;
}

/* ---- pointers -------------------------------------------------------------------------------- */

/* A pointer that is passed in, returned, or held in a field. */
static bool bind_pointer(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                         const struct attributes *all)
{
    const struct builder *b = binder->b;
    const sb_type *type = &b->types[value->type];
    const sb_type *target = &b->types[type->target];
    bool is_const = (type->target_quals & SB_CONST) != 0;
    if (is_const && subject->use != BIND_FIELD)
        value->flags |= SB_VALUE_READONLY;
    const sb_attribute *array = bind_attribute(all, SB_ATTR_ARRAY);
    const sb_attribute *zero = bind_attribute(all, SB_ATTR_ZERO_TERMINATED);
    const sb_attribute *string = bind_attribute(all, SB_ATTR_STRING);
    const sb_attribute *bytes = bind_attribute(all, SB_ATTR_BYTES);
    if (zero != NULL) {
        if (array != NULL)
            return bind_value_fail(binder, subject, value, zero,
                                   "its length is either counted or marked by a zero; keep "
                                   "[[array]] or [[zero_terminated]]");
        if (target->kind == SB_VOID || is_text(target))
            return bind_value_fail(binder, subject, value, zero,
                                   target->kind == SB_VOID
                                       ? "[[zero_terminated]] needs elements of a known type"
                                       : "text ends at its zero anyway; write [[string]] or "
                                         "[[bytes]]");
        value->flags |= SB_VALUE_ZERO_TERMINATED;
    }
    if (array != NULL || zero != NULL)
        return set_array(binder, subject, value, all, array != NULL ? array : zero, type->target);
    const sb_attribute *buffer = bind_attribute(all, SB_ATTR_BUFFER);
    if (buffer != NULL && subject->use == BIND_RESULT)
        return set_array(binder, subject, value, all, buffer, type->target);
    if (string != NULL || bytes != NULL) {
        set_string(value, type->target);
        if (target->kind == SB_VOID)
            return bind_value_fail(binder, subject, value, string != NULL ? string : bytes,
                                   "nothing says where a void * ends; add [[array(length)]]");
        return set_text(binder, subject, value, all, target);
    }
    bool borrowed_text = is_const || subject->use == BIND_RESULT;
    uint32_t class_index = bind_class_of(binder, type->target);
    if (is_text(target) && borrowed_text)
        set_string(value, type->target);
    else if (class_index != SB_NONE) {
        bool adapted = (b->classes[class_index].flags & SB_CLASS_ADAPTED) != 0;
        if (adapted && subject->use == BIND_PARAMETER && !is_const && !subject->is_hidden)
            return bind_value_fail(binder, subject, value, NULL,
                                   "struct %.100s crosses as %.100s, which C cannot change in "
                                   "place; add [[out]] or [[inout]], or const",
                                   builder_string(b, target->name),
                                   builder_string(b, b->classes[class_index].adapt));
        value->passing = SB_PASS_REFERENCE;
        value->value_type = type->target;
        if (adapted && (subject->use == BIND_FIELD || (subject->is_hidden && !is_const))) {
            value->passing = SB_PASS_ADDRESS;
            value->value_type = value->type;
            value->flags |= SB_VALUE_NULLABLE;
        }
    } else if (target->kind == SB_FUNCTION) {
        value->passing = SB_PASS_FUNCTION;
        if (subject->use != BIND_PARAMETER || subject->is_hidden)
            value->flags |= SB_VALUE_NULLABLE;
    } else {
        value->passing = SB_PASS_ADDRESS;
        value->flags |= SB_VALUE_NULLABLE;
    }
    return true;
}

/* T *p [[out]], where an array that the function allocates is marked CALLEE_ALLOCATED before. */
static bool bind_out(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                     const struct attributes *all, const sb_attribute *out)
{
    const struct builder *b = binder->b;
    const sb_type *type = &b->types[value->type];
    const sb_type *target = &b->types[type->target];
    const sb_attribute *array = bind_attribute(all, SB_ATTR_ARRAY);
    const sb_attribute *zero = bind_attribute(all, SB_ATTR_ZERO_TERMINATED);
    const sb_attribute *text = bind_attribute(all, SB_ATTR_STRING);
    if (text == NULL)
        text = bind_attribute(all, SB_ATTR_BYTES);
    if ((type->target_quals & SB_CONST) != 0)
        return bind_value_fail(binder, subject, value, out,
                               "[[out]] needs a pointer that the function writes through, but this "
                               "one is to const");
    if (zero != NULL)
        value->flags |= SB_VALUE_ZERO_TERMINATED;
    if (array != NULL || zero != NULL) {
        bool callee = (value->flags & SB_VALUE_CALLEE_ALLOCATED) != 0 || array == NULL;
        if (callee && target->kind != SB_POINTER)
            return bind_value_fail(binder, subject, value, zero,
                                   "nothing says how much room the function needs; add "
                                   "[[array(length)]], or make it a pointer to a pointer");
        if (callee)
            value->flags |= SB_VALUE_CALLEE_ALLOCATED;
        return set_array(binder, subject, value, all, array != NULL ? array : zero,
                         callee ? target->target : type->target);
    }
    value->passing = SB_PASS_REFERENCE;
    value->value_type = type->target;
    if (target->kind == SB_POINTER) {
        const sb_type *inner = &b->types[target->target];
        if (is_text(inner) || (text != NULL && is_byte(inner))) {
            set_string(value, target->target);
            value->flags |= SB_VALUE_CALLEE_ALLOCATED;
            return set_text(binder, subject, value, all, inner);
        }
        if (bind_class_of(binder, target->target) != SB_NONE) {
            value->value_type = target->target;
            value->flags |= SB_VALUE_CALLEE_ALLOCATED;
        }
    } else if (!need_complete(binder, subject, value, out, type->target) ||
               !need_class(binder, subject, value, type->target))
        return false;
    if (text != NULL)
        return bind_value_fail(binder, subject, value, text,
                               "[[%s]] needs to know how much room there is; add "
                               "[[array(length)]] or [[array(64)]]",
                               bind_spelling(text->id));
    return true;
}

static bool bind_inout(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                       const struct attributes *all, const sb_attribute *inout)
{
    const struct builder *b = binder->b;
    const sb_type *type = &b->types[value->type];
    const sb_type *target = &b->types[type->target];
    const sb_attribute *array = bind_attribute(all, SB_ATTR_ARRAY);
    const char *spelling = bind_spelling(inout->id);
    if (array != NULL)
        return bind_value_fail(binder, subject, value, array,
                               "an array is passed in, or changed in place when it is not const, "
                               "without more words; remove [[%s]]",
                               spelling);
    if (inout->id == SB_ATTR_IN)
        value->flags |= SB_VALUE_READONLY; /* nothing comes back */
    else if ((type->target_quals & SB_CONST) != 0)
        return bind_value_fail(binder, subject, value, inout,
                               "[[inout]] needs a pointer that the function writes through, but "
                               "this one is to const");
    bool is_address = target->kind == SB_POINTER && b->types[target->target].kind == SB_VOID;
    if ((target->kind == SB_POINTER && !is_address) || target->kind == SB_FUNCTION)
        return bind_value_fail(binder, subject, value, inout,
                               "[[%s]] needs a pointer to a number, an enum, a struct or a void *",
                               spelling);
    value->passing = SB_PASS_REFERENCE;
    value->value_type = type->target;
    return need_complete(binder, subject, value, inout, type->target) &&
           need_class(binder, subject, value, type->target);
}

/* Attributes that only some pointers can wear, once it is known what the value is. */
static bool check_pointer(struct binder *binder, const struct bind_subject *subject,
                          sb_value *value, const struct attributes *all)
{
    const struct builder *b = binder->b;
    bool is_in = value->direction == SB_IN && subject->use == BIND_PARAMETER;
    bool callee = (value->flags & SB_VALUE_CALLEE_ALLOCATED) != 0;
    const sb_attribute *nullable = bind_attribute(all, SB_ATTR_NULLABLE);
    const sb_attribute *owned = bind_attribute(all, SB_ATTR_OWNED);
    const sb_attribute *consumed = bind_attribute(all, SB_ATTR_CONSUMED);
    const sb_attribute *filename = bind_attribute(all, SB_ATTR_FILENAME);
    if (nullable != NULL) {
        if (subject->use == BIND_PARAMETER && !is_in && !callee)
            return bind_value_fail(binder, subject, value, nullable,
                                   "[[nullable]]: the function is always given room for what it "
                                   "writes; only a pointer that it sets itself can be NULL");
        value->flags |= SB_VALUE_NULLABLE;
    }
    if (owned != NULL) {
        if (is_in)
            return bind_value_fail(binder, subject, value, owned,
                                   "[[owned]] is about what a function gives; for a handle that it "
                                   "takes over write [[consumed]]");
        if ((subject->use == BIND_PARAMETER && !callee) || value->passing == SB_PASS_FUNCTION)
            return bind_value_fail(binder, subject, value, owned,
                                   "[[owned]] needs a pointer that the function sets; this memory "
                                   "is the caller's");
        value->flags |= SB_VALUE_OWNED;
    }
    if (consumed != NULL) {
        uint32_t class_index = value->passing == SB_PASS_REFERENCE && is_in
                                   ? bind_class_of(binder, value->value_type)
                                   : SB_NONE;
        if (class_index == SB_NONE || (b->classes[class_index].flags & SB_CLASS_OPAQUE) == 0)
            return bind_value_fail(binder, subject, value, consumed,
                                   "[[consumed]] needs a handle: a pointer to a struct that is "
                                   "only declared");
        value->flags |= SB_VALUE_CONSUMED;
    }
    if (filename != NULL) {
        if (value->passing != SB_PASS_STRING || !is_in)
            return bind_value_fail(binder, subject, value, filename,
                                   "[[filename]] needs text that is passed in, such as "
                                   "const char *");
        value->flags |= SB_VALUE_FILENAME;
    }
    if (value->passing == SB_PASS_STRING && !is_in && subject->use != BIND_FIELD)
        value->flags |= SB_VALUE_NULLABLE; /* NULL is None: there is no other text for it */
    return true;
}

bool bind_value(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                const struct attributes *all)
{
    const struct builder *b = binder->b;
    const sb_type *type = &b->types[value->type];
    const sb_attribute *out = bind_attribute(all, SB_ATTR_OUT);
    const sb_attribute *inout = bind_attribute(all, SB_ATTR_INOUT);
    if (inout == NULL)
        inout = bind_attribute(all, SB_ATTR_IN);
    value->value_type = value->type;
    value->passing = SB_PASS_VALUE;
    bool done;
    switch (type->kind) {
    case SB_VOID:
        value->flags |= SB_VALUE_HIDDEN;
        return refuse_pointer_attributes(binder, subject, value, all);
    case SB_ARRAY: {
        const sb_attribute *nullable = bind_attribute(all, SB_ATTR_NULLABLE);
        const sb_type *element = &b->types[type->target];
        if (nullable != NULL)
            return bind_value_fail(binder, subject, value, nullable,
                                   "[[nullable]] needs a pointer; an array within the struct is "
                                   "always there");
        value->passing = SB_PASS_ARRAY;
        value->value_type = type->target;
        value->fixed = element->size == 0 ? 0 : type->size / element->size;
        if (is_unsigned_byte(element))
            value->flags |= SB_VALUE_BYTES;
        if (element->kind == SB_POINTER && b->types[element->target].kind == SB_CHAR) {
            value->flags |= SB_VALUE_STRING_ELEMENTS;
            element = &b->types[element->target];
        }
        return set_text(binder, subject, value, all, element);
    }
    case SB_POINTER:
        if (out != NULL)
            done = bind_out(binder, subject, value, all, out);
        else if (inout != NULL)
            done = bind_inout(binder, subject, value, all, inout);
        else
            done = bind_pointer(binder, subject, value, all);
        if (!done)
            return false;
        return check_pointer(binder, subject, value, all);
    default:
        return (all->count == 0 || refuse_pointer_attributes(binder, subject, value, all)) &&
               need_class(binder, subject, value, value->type);
    }
}

/* ---- constants ------------------------------------------------------------------------------- */

static bool fits_integer(const sb_type *type, bool is_signed, const sb_constant *constant)
{
    unsigned bits = (unsigned)type->size * 8;
    bool negative = constant->kind != SB_CONST_UINT && constant->as.i < 0;
    if (bits == 0)
        return false; /* an enum that is not defined */
    uint64_t magnitude = constant->as.u;
    if (negative) {
        if (!is_signed)
            return false;
        return bits >= 64 || constant->as.i >= -((int64_t)1 << (bits - 1));
    }
    if (bits > 64)
        return true;
    return magnitude <= UINT64_MAX >> (64 - bits + (is_signed ? 1 : 0));
}

static bool fits_scalar(const struct builder *b, sb_type_id id, const sb_constant *constant,
                        const char **expected)
{
    const sb_type *type = &b->types[id];
    bool integer = constant->kind == SB_CONST_INT || constant->kind == SB_CONST_UINT ||
                   constant->kind == SB_CONST_BOOL;
    switch (type->kind) {
    case SB_BOOL:
        *expected = "true or false";
        return integer && constant->as.u <= 1;
    case SB_INT:
        *expected = "an integer in the range of the type";
        return integer && fits_integer(type, true, constant);
    case SB_UINT:
        *expected = "an integer in the range of the type, not negative";
        return integer && fits_integer(type, false, constant);
    case SB_ENUM:
        *expected = "an enumerator or an integer in the range of the enum";
        return integer && fits_integer(type, (type->flags & SB_TYPE_SIGNED) != 0, constant);
    case SB_CHAR:
        *expected = "a string of one character, or an integer from 0 to 255";
        return (constant->kind == SB_CONST_STRING && constant->length == 1) ||
               (integer && constant->as.u <= 255);
    case SB_WIDE:
        *expected = "a string of one character, or its number";
        return (constant->kind == SB_CONST_STRING && constant->length > 0 &&
                constant->length <= 4) ||
               (integer && constant->as.u <= 0x10ffff);
    case SB_FLOAT:
    case SB_COMPLEX:
        *expected = "a number";
        return constant->kind == SB_CONST_FLOAT || integer;
    default:
        *expected = "nothing: a struct has no constant";
        return false;
    }
}

bool bind_constant(struct binder *binder, const struct bind_subject *subject, sb_value *value,
                   const sb_attribute *attribute)
{
    const struct builder *b = binder->b;
    const sb_constant *constant = bind_argument(binder, attribute, 0);
    bool is_null = constant->kind == SB_CONST_NULL;
    bool is_string = constant->kind == SB_CONST_STRING;
    bool is_integer = constant->kind == SB_CONST_INT || constant->kind == SB_CONST_UINT;
    const char *expected = "NULL";
    bool fits = false;
    switch (value->passing) {
    case SB_PASS_VALUE:
        fits = fits_scalar(b, value->type, constant, &expected);
        break;
    case SB_PASS_REFERENCE:
        fits = value->direction == SB_INOUT ? fits_scalar(b, value->value_type, constant, &expected)
                                            : is_null;
        break;
    case SB_PASS_ARRAY:
        fits = is_null || (is_string && is_byte(&b->types[value->value_type]) &&
                           (value->flags & SB_VALUE_READONLY) != 0);
        break;
    case SB_PASS_STRING:
        fits = is_null || is_string;
        expected = "a string or NULL";
        break;
    default:
        fits = is_null || is_integer;
        expected = "NULL or an address";
        break;
    }
    if (!fits)
        return bind_value_fail(binder, subject, value, attribute,
                               "[[%s]] does not fit its type; expected %s",
                               bind_spelling(attribute->id), expected);
    value->constant = *constant;
    if (is_null && attribute->id == SB_ATTR_DEFAULT)
        value->flags |= SB_VALUE_NULLABLE;
    return true;
}
