/* bind_role.c - what a function is to its class: method, constructor, special method ... */
#include "bind.h"

#include <string.h>

static const struct {
    uint8_t attribute, role, slot;
} roles[] = {
    {SB_ATTR_METHOD, SB_ROLE_METHOD, SB_SLOT_NONE},
    {SB_ATTR_CLASS_METHOD, SB_ROLE_CLASS_METHOD, SB_SLOT_NONE},
    {SB_ATTR_CONSTRUCTOR, SB_ROLE_CONSTRUCTOR, SB_SLOT_NONE},
    {SB_ATTR_DESTRUCTOR, SB_ROLE_DESTRUCTOR, SB_SLOT_NONE},
    {SB_ATTR_GETTER, SB_ROLE_GETTER, SB_SLOT_NONE},
    {SB_ATTR_SETTER, SB_ROLE_SETTER, SB_SLOT_NONE},
    {SB_ATTR_OPERATOR, SB_ROLE_SLOT, SB_SLOT_NONE},
    {SB_ATTR_ITERNEXT, SB_ROLE_SLOT, SB_SLOT_ITERNEXT},
    {SB_ATTR_ITER, SB_ROLE_SLOT, SB_SLOT_ITER},
    {SB_ATTR_LENGTH, SB_ROLE_SLOT, SB_SLOT_LENGTH},
    {SB_ATTR_GETITEM, SB_ROLE_SLOT, SB_SLOT_GETITEM},
    {SB_ATTR_SETITEM, SB_ROLE_SLOT, SB_SLOT_SETITEM},
    {SB_ATTR_DELITEM, SB_ROLE_SLOT, SB_SLOT_DELITEM},
    {SB_ATTR_CONTAINS, SB_ROLE_SLOT, SB_SLOT_CONTAINS},
    {SB_ATTR_CALL, SB_ROLE_SLOT, SB_SLOT_CALL},
    {SB_ATTR_HASH, SB_ROLE_SLOT, SB_SLOT_HASH},
    {SB_ATTR_EQUAL, SB_ROLE_SLOT, SB_SLOT_EQUAL},
    {SB_ATTR_COMPARE, SB_ROLE_SLOT, SB_SLOT_COMPARE},
    {SB_ATTR_STR, SB_ROLE_SLOT, SB_SLOT_STR},
    {SB_ATTR_REPR, SB_ROLE_SLOT, SB_SLOT_REPR},
    {SB_ATTR_ENTER, SB_ROLE_SLOT, SB_SLOT_ENTER},
    {SB_ATTR_EXIT, SB_ROLE_SLOT, SB_SLOT_EXIT},
    {SB_ATTR_BUFFER, SB_ROLE_SLOT, SB_SLOT_BUFFER},
};

static const struct {
    const char *spelling, *dunder;
    uint8_t operands;
} slots[SB_SLOT_COUNT] = {
#define X(id, spelling, dunder, operands) [SB_SLOT_##id] = {spelling, dunder, operands},
    SB_SLOTS(X)
#undef X
};

/* ---- before the parameters ------------------------------------------------------------------- */

/* The class of a receiver's type: a record, or a pointer to one. */
static uint32_t receiver_class(const struct binder *binder, sb_type_id id)
{
    const sb_type *type = &binder->b->types[id];
    return bind_class_of(binder, type->kind == SB_POINTER ? type->target : id);
}

static bool has_receiver(uint8_t role)
{
    return role == SB_ROLE_METHOD || role == SB_ROLE_DESTRUCTOR || role == SB_ROLE_GETTER ||
           role == SB_ROLE_SETTER || role == SB_ROLE_SLOT;
}

/* Claims a place in the class that only one function can have. */
static bool claim(struct binder *binder, const sb_declaration *declaration, uint32_t class_index,
                  uint32_t *place, uint32_t function, const char *what)
{
    const struct builder *b = binder->b;
    if (*place != SB_NONE && *place != function) {
        const sb_declaration *other = &b->declarations[b->functions[*place].declaration];
        return bind_fail(binder, declaration->line, declaration->column,
                         "class %.150s has a %s already: %.150s in line %u; a class has one",
                         builder_string(b, b->classes[class_index].name), what,
                         builder_string(b, other->name), builder_logical_line(b, other->line));
    }
    *place = function;
    return true;
}

bool bind_number_functions(struct binder *binder)
{
    struct builder *b = binder->b;
    uint32_t count = 0;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++)
        count += b->declarations[i].kind == SB_DECL_FUNCTION;
    if (count > 0 && !builder_reserve_function(b, count))
        return false;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++) {
        sb_declaration *row = &b->declarations[i];
        if (row->kind != SB_DECL_FUNCTION)
            continue;
        sb_function made = {
            .declaration = i,
            .type = row->type,
            .symbol = row->symbol != 0 ? row->symbol : row->name,
            .doc = row->doc,
            .class_index = SB_NONE,
            .first_param = row->first_param,
            .param_count = (uint16_t)b->types[row->type].count,
            .address = b->address_count++,
        };
        row->binding = builder_add_function(b, &made);
        struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
        if (!bind_has(&all, SB_ATTR_DESTRUCTOR) || made.param_count == 0)
            continue;
        uint32_t class_index = receiver_class(binder, b->params[made.first_param].type);
        if (class_index != SB_NONE &&
            !claim(binder, row, class_index, &b->classes[class_index].destructor, row->binding,
                   "destructor"))
            return false;
    }
    return true;
}

bool bind_role(struct binder *binder, struct signature *s)
{
    const struct builder *b = binder->b;
    sb_function *function = s->function;
    if (s->attributes.count == 0)
        return true;
    const sb_attribute *found = NULL;
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const sb_attribute *attribute = bind_attribute(&s->attributes, roles[i].attribute);
        if (attribute == NULL)
            continue;
        if (found != NULL)
            return bind_fail(binder, attribute->line, attribute->column,
                             "%.200s cannot be both [[%s]] and [[%s]]; a function has one role",
                             builder_string(b, s->declaration->name), bind_spelling(found->id),
                             bind_spelling(attribute->id));
        found = attribute;
        function->role = roles[i].role;
        function->slot = roles[i].slot;
    }
    if (found == NULL || !has_receiver(function->role))
        return true;
    uint32_t class_index =
        s->param_count == 0 ? SB_NONE : receiver_class(binder, s->params[0].type);
    if (class_index == SB_NONE || (b->classes[class_index].flags & SB_CLASS_ADAPTED) != 0)
        return bind_fail(binder, found->line, found->column,
                         "[[%s]]: the first parameter of %.150s is the object it works on, so it "
                         "must be a struct with a class of its own, or a pointer to one",
                         bind_spelling(found->id), builder_string(b, s->declaration->name));
    function->class_index = class_index;
    s->params[0].flags |= SB_VALUE_SELF;
    return true;
}

/* ---- after the parameters -------------------------------------------------------------------- */

static bool complain(struct binder *binder, const struct signature *s, sb_attribute_id id,
                     const char *expected)
{
    const sb_attribute *attribute = bind_attribute(&s->attributes, id);
    return bind_fail(binder, attribute->line, attribute->column, "[[%s]]: %.150s must %s",
                     bind_spelling(id), builder_string(binder->b, s->declaration->name), expected);
}

/* The class of what the function makes, and the value that is it. */
static uint32_t made_class(const struct binder *binder, const struct signature *s)
{
    const sb_value *value = s->result;
    if ((value->flags & SB_VALUE_HIDDEN) != 0 ||
        (value->passing != SB_PASS_VALUE && value->passing != SB_PASS_REFERENCE)) {
        value = NULL;
        for (unsigned i = 0; i < s->param_count; i++) {
            const sb_value *param = &s->params[i];
            if (param->direction == SB_OUT && param->passing == SB_PASS_REFERENCE &&
                (param->flags & SB_VALUE_HIDDEN) == 0)
                value = param;
        }
    }
    if (value == NULL)
        return SB_NONE;
    uint32_t class_index = bind_class_of(binder, value->value_type);
    if (class_index != SB_NONE && (binder->b->classes[class_index].flags & SB_CLASS_ADAPTED) != 0)
        return SB_NONE;
    return class_index;
}

static bool check_constructor(struct binder *binder, struct signature *s)
{
    struct builder *b = binder->b;
    uint32_t class_index = made_class(binder, s);
    if (class_index == SB_NONE || bind_outcomes(s) != 1)
        return complain(binder, s, SB_ATTR_CONSTRUCTOR,
                        "give one object of a class: as its result, or through one [[out]] "
                        "parameter");
    s->function->class_index = class_index;
    return claim(binder, s->declaration, class_index, &b->classes[class_index].constructor,
                 s->declaration->binding, "constructor");
}

/* The kind of the only thing that the function gives, or SB_VOID. */
static sb_kind only_outcome(const struct binder *binder, const struct signature *s)
{
    if (bind_outcomes(s) != 1)
        return SB_VOID;
    const sb_value *value = s->result;
    for (unsigned i = 0; (value->flags & SB_VALUE_HIDDEN) != 0; i++) {
        value = &s->params[i];
        if (value->direction == SB_IN || (value->flags & SB_VALUE_IS_LENGTH) != 0)
            value = s->result;
        else if ((value->flags & SB_VALUE_HIDDEN) == 0)
            break;
    }
    if (value->passing == SB_PASS_STRING)
        return SB_CHAR;
    sb_kind kind = binder->b->types[value->value_type].kind;
    if (value->passing == SB_PASS_ARRAY)
        return kind == SB_CHAR || kind == SB_WIDE ? SB_CHAR : SB_ARRAY;
    return value->passing == SB_PASS_VALUE || value->passing == SB_PASS_REFERENCE ? kind
                                                                                  : SB_POINTER;
}

static bool is_integer_kind(sb_kind kind)
{
    return kind == SB_INT || kind == SB_UINT || kind == SB_BOOL || kind == SB_ENUM;
}

/* The only thing that the function gives, when that is an array in C's memory; else NULL. */
static sb_value *given_array(const struct signature *s)
{
    sb_value *value = s->result;
    for (unsigned i = 0; (value->flags & SB_VALUE_HIDDEN) != 0 && i < s->param_count; i++) {
        sb_value *param = &s->params[i];
        if (param->direction == SB_OUT && param->passing == SB_PASS_ARRAY &&
            (param->flags & (SB_VALUE_HIDDEN | SB_VALUE_CALLEE_ALLOCATED)) ==
                SB_VALUE_CALLEE_ALLOCATED)
            value = param;
    }
    bool given = bind_outcomes(s) == 1 && (value->flags & SB_VALUE_HIDDEN) == 0 &&
                 value->passing == SB_PASS_ARRAY;
    return given ? value : NULL;
}

/* An array that Python sees where it lies, kept there by `owner`. */
static bool show_array(struct binder *binder, const struct signature *s, sb_value *value,
                       sb_value *owner, sb_attribute_id id)
{
    const struct builder *b = binder->b;
    const sb_type *pointer = &b->types[value->type];
    sb_kind kind = b->types[value->value_type].kind;
    if (kind == SB_POINTER || (value->flags & SB_VALUE_DICT_KEYS) != 0)
        return complain(binder, s, id, "give numbers or structs: buffers cannot hold pointers");
    if ((value->flags & SB_VALUE_OWNED) != 0)
        return complain(binder, s, id,
                        "give memory that the object keeps: [[owned]] memory is copied and freed");
    if (value->direction == SB_OUT && value != s->result)
        pointer = &b->types[pointer->target];
    if ((pointer->target_quals & SB_CONST) != 0)
        value->flags |= SB_VALUE_READONLY;
    value->flags |= SB_VALUE_SHOWN;
    owner->flags |= SB_VALUE_KEEPS;
    return true;
}

static bool check_buffer(struct binder *binder, const struct signature *s)
{
    sb_value *value = given_array(s);
    if (value == NULL)
        return complain(binder, s, SB_ATTR_BUFFER,
                        "give the elements: as a pointer, or through one T **p [[out, array(n)]]");
    return show_array(binder, s, value, &s->params[0], SB_ATTR_BUFFER);
}

/* What a special method gives. */
static bool check_slot_outcome(struct binder *binder, const struct signature *s, sb_attribute_id id)
{
    sb_kind kind = only_outcome(binder, s);
    switch (s->function->slot) {
    case SB_SLOT_LENGTH:
    case SB_SLOT_HASH:
    case SB_SLOT_INDEX:
    case SB_SLOT_INT:
        return (is_integer_kind(kind) && kind != SB_BOOL) ||
               complain(binder, s, id, "give one integer");
    case SB_SLOT_CONTAINS:
    case SB_SLOT_EQUAL:
    case SB_SLOT_BOOL:
        return is_integer_kind(kind) || complain(binder, s, id, "give one bool or integer");
    case SB_SLOT_COMPARE:
        return kind == SB_INT ||
               complain(binder, s, id, "give one signed integer: below, equal to or above 0");
    case SB_SLOT_FLOAT:
        return kind == SB_FLOAT || is_integer_kind(kind) ||
               complain(binder, s, id, "give one number");
    case SB_SLOT_STR:
    case SB_SLOT_REPR:
        return kind == SB_CHAR || complain(binder, s, id, "give one text");
    case SB_SLOT_BUFFER:
        return check_buffer(binder, s);
    case SB_SLOT_SETITEM:
    case SB_SLOT_DELITEM:
        return bind_outcomes(s) == 0 ||
               complain(binder, s, id,
                        "give nothing: return void or a status, or add [[fails(...)]]");
    case SB_SLOT_ENTER:
    case SB_SLOT_EXIT:
    case SB_SLOT_CALL:
    case SB_SLOT_ITER:
    case SB_SLOT_ITERNEXT: /* may give nothing: a cursor that moves */
        return true;
    default:
        if (s->function->slot >= SB_SLOT_INPLACE_ADD && s->function->slot <= SB_SLOT_INPLACE_OR)
            return true; /* nothing: the object itself, changed in place */
        return bind_outcomes(s) > 0 || complain(binder, s, id, "give a result");
    }
}

/* The slot that an operator's spelling names, with that many operands. */
static uint8_t find_operator(const char *spelling, unsigned operands)
{
    if (operands == 1 && strcmp(spelling, "-") == 0)
        return SB_SLOT_NEGATIVE;
    if (operands == 1 && strcmp(spelling, "+") == 0)
        return SB_SLOT_POSITIVE;
    for (uint8_t i = SB_SLOT_NONE + 1; i < SB_SLOT_ITERNEXT; i++) {
        if (strcmp(slots[i].spelling, spelling) == 0)
            return i;
    }
    return SB_SLOT_NONE;
}

static bool check_slot(struct binder *binder, struct signature *s)
{
    struct builder *b = binder->b;
    sb_function *function = s->function;
    const sb_attribute *operator= bind_attribute(&s->attributes, SB_ATTR_OPERATOR);
    sb_attribute_id id = SB_ATTR_OPERATOR;
    unsigned operands = bind_operands(s);
    if (operator!= NULL) {
        const char *spelling = builder_string(b, bind_argument(binder, operator, 0)->as.s);
        function->slot = find_operator(spelling, operands);
        if (function->slot == SB_SLOT_NONE)
            return bind_fail(
                binder, operator->line, operator->column,
                "operator(\"%.50s\") is not known; it can be + - * / // %% @ ** << >> & "
                "| ^ ~, the first twelve with = behind, abs, bool, int, float or index",
                spelling);
    } else {
        for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
            if (roles[i].role == SB_ROLE_SLOT && roles[i].slot == function->slot)
                id = (sb_attribute_id)roles[i].attribute;
        }
    }
    uint8_t wanted = slots[function->slot].operands;
    const sb_attribute *attribute = bind_attribute(&s->attributes, id);
    if (wanted != SB_ANY && operands != wanted)
        return bind_fail(binder, attribute->line, attribute->column,
                         "[[%s]] is %s, which works on %u value%s counting the object, but %.150s "
                         "takes %u",
                         bind_spelling(id), slots[function->slot].dunder, wanted,
                         wanted == 1 ? "" : "s", builder_string(b, s->declaration->name), operands);
    return check_slot_outcome(binder, s, id) &&
           claim(binder, s->declaration, function->class_index,
                 &b->classes[function->class_index].slots[function->slot], s->declaration->binding,
                 slots[function->slot].dunder);
}

/* const char *f(enum e status), f(T *handle) or f(void). */
static bool check_message(struct binder *binder, const struct signature *s)
{
    const struct builder *b = binder->b;
    if (!bind_has(&s->attributes, SB_ATTR_MESSAGE))
        return true;
    bool takes = s->param_count <= 1;
    if (s->param_count == 1) {
        const sb_value *value = &s->params[0];
        sb_kind kind = b->types[value->type].kind;
        takes = (value->passing == SB_PASS_VALUE && is_integer_kind(kind)) ||
                (value->passing == SB_PASS_REFERENCE && value->direction == SB_IN);
    }
    if (takes && s->result->passing == SB_PASS_STRING)
        return true;
    return complain(binder, s, SB_ATTR_MESSAGE,
                    "return text and take a status, a handle, or nothing");
}

/* keeps(p): the object that is made holds p. */
static bool check_keeps(struct binder *binder, struct signature *s)
{
    struct builder *b = binder->b;
    const sb_attribute *keeps = bind_attribute(&s->attributes, SB_ATTR_KEEPS);
    if (keeps == NULL)
        return true;
    sb_text name = bind_identifier(bind_argument(binder, keeps, 0));
    sb_value *kept = NULL;
    for (unsigned i = 0; i < s->param_count; i++) {
        if (s->params[i].name == name)
            kept = &s->params[i];
    }
    if (kept == NULL)
        return bind_fail(binder, keeps->line, keeps->column,
                         "[[keeps]] names '%.150s', which is no parameter of %.150s",
                         builder_string(b, name), builder_string(b, s->declaration->name));
    if (kept->direction != SB_IN || kept->passing == SB_PASS_VALUE ||
        (kept->flags & SB_VALUE_HIDDEN) != 0)
        return bind_value_fail(binder, &s->subject, kept, keeps,
                               "[[keeps]] needs a pointer that is passed in: only that can be kept "
                               "alive");
    sb_value *array = given_array(s);
    if (array != NULL) {
        if (kept->passing == SB_PASS_REFERENCE)
            return show_array(binder, s, array, kept, SB_ATTR_KEEPS);
        return bind_value_fail(binder, &s->subject, kept, keeps,
                               "[[keeps]] at a function that gives an array needs an object of a "
                               "class: what holds the array's memory");
    }
    uint32_t class_index = made_class(binder, s);
    if (class_index == SB_NONE ||
        (s->result->passing == SB_PASS_VALUE && (s->result->flags & SB_VALUE_HIDDEN) == 0 &&
         s->function->role != SB_ROLE_CONSTRUCTOR))
        return complain(binder, s, SB_ATTR_KEEPS,
                        "give an object of a class that can keep it, a pointer to a struct, or an "
                        "array");
    kept->flags |= SB_VALUE_KEEPS;
    b->classes[class_index].flags |= SB_CLASS_KEEPS;
    return true;
}

bool bind_check_role(struct binder *binder, struct signature *s)
{
    bool done = true;
    if (s->attributes.count == 0)
        return true;
    switch (s->function->role) {
    case SB_ROLE_CONSTRUCTOR:
        done = check_constructor(binder, s);
        break;
    case SB_ROLE_DESTRUCTOR:
        if (bind_operands(s) != 1)
            done = complain(binder, s, SB_ATTR_DESTRUCTOR, "take the object and nothing else");
        break;
    case SB_ROLE_GETTER:
        if (bind_operands(s) != 1 || bind_outcomes(s) == 0)
            done = complain(binder, s, SB_ATTR_GETTER, "take the object and give its value");
        break;
    case SB_ROLE_SETTER:
        if (bind_operands(s) != 2)
            done = complain(binder, s, SB_ATTR_SETTER, "take the object and the new value");
        else if (bind_outcomes(s) != 0)
            done = complain(binder, s, SB_ATTR_SETTER,
                            "give nothing: return void or a status, or add [[fails(...)]]");
        break;
    case SB_ROLE_SLOT:
        done = check_slot(binder, s);
        break;
    default:
        break;
    }
    return done && check_message(binder, s) && check_keeps(binder, s);
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool has_dot(const struct binder *binder, const sb_attribute *given)
{
    const sb_constant *argument = bind_argument(binder, given, 0);
    return memchr(builder_string(binder->b, argument->as.s), '.', argument->length) != NULL;
}

/* A name inside the function's class. */
static bool name_in_class(struct binder *binder, struct signature *s, const sb_attribute *given)
{
    struct builder *b = binder->b;
    sb_function *function = s->function;
    const sb_class *row = &b->classes[function->class_index];
    sb_type_id record = row->type;
    uint32_t inner = row->inner_scope;
    function->scope = inner;
    if (given == NULL) {
        const char *verb = function->role == SB_ROLE_GETTER   ? "get_"
                           : function->role == SB_ROLE_SETTER ? "set_"
                                                              : NULL;
        function->name = bind_method_name(binder, s->declaration->name, record, verb);
        return function->name != SB_NONE;
    }
    struct bind_path path = {.scope = inner};
    if (!has_dot(binder, given))
        path.name = bind_given_name(binder, given);
    else if (!bind_resolve_path(binder, given, &path))
        return false;
    if (path.name != SB_NONE && path.scope != inner)
        return bind_fail(binder, given->line, given->column,
                         "[[%s]] puts %.150s outside of class %.150s, which its role puts it in; "
                         "write the name without dots",
                         bind_spelling(given->id), builder_string(b, s->declaration->name),
                         builder_string(b, b->classes[function->class_index].name));
    function->name = path.name;
    return path.name != SB_NONE;
}

/* A class method lies in the class that its name says, or else in that of what it makes. */
static bool find_class_of_method(struct binder *binder, struct signature *s,
                                 const sb_attribute *name)
{
    struct builder *b = binder->b;
    uint32_t class_index = SB_NONE;
    struct bind_path path;
    if (name != NULL && has_dot(binder, name)) {
        if (!bind_resolve_path(binder, name, &path))
            return false;
        class_index = b->scopes[path.scope].class_index;
    } else
        class_index = made_class(binder, s);
    if (class_index == SB_NONE)
        return complain(binder, s, SB_ATTR_CLASS_METHOD,
                        "say its class with [[name(\"Class.name\")]], or give an object of it");
    s->function->class_index = class_index;
    return true;
}

bool bind_place_function(struct binder *binder, struct signature *s)
{
    struct builder *b = binder->b;
    sb_function *function = s->function;
    const sb_declaration *row = s->declaration;
    const sb_attribute *name = bind_attribute(&s->attributes, SB_ATTR_NAME);
    uint8_t role = function->role;
    if (role == SB_ROLE_FUNCTION) {
        struct bind_path path = {.scope = 0};
        if (name != NULL) {
            if (!bind_resolve_path(binder, name, &path))
                return false;
        } else
            path.name = bind_short_name(binder, row->name, false);
        function->scope = path.scope;
        function->name = path.name;
        if (path.name == SB_NONE)
            return false;
        return (function->flags & SB_FUNCTION_HIDDEN) != 0 ||
               bind_add_member(binder, path.scope, path.name, SB_MEMBER_FUNCTION, row->binding,
                               SB_NONE, row->line, row->column);
    }
    if (role == SB_ROLE_CLASS_METHOD && !find_class_of_method(binder, s, name))
        return false;
    const sb_attribute *given = name;
    if (role == SB_ROLE_GETTER || role == SB_ROLE_SETTER) {
        sb_attribute_id id = role == SB_ROLE_GETTER ? SB_ATTR_GETTER : SB_ATTR_SETTER;
        const sb_attribute *accessor = bind_attribute(&s->attributes, id);
        if (accessor->argument_count > 0) {
            if (name != NULL)
                return bind_fail(binder, name->line, name->column,
                                 "[[%s(...)]] names the property already; remove [[name]]",
                                 bind_spelling(id));
            given = accessor;
        }
    }
    bool nameless =
        role == SB_ROLE_CONSTRUCTOR || role == SB_ROLE_DESTRUCTOR || role == SB_ROLE_SLOT;
    if (nameless && name != NULL)
        return bind_fail(binder, name->line, name->column,
                         "[[name]] has no use here: Python calls %.150s %s%s",
                         builder_string(b, row->name),
                         role == SB_ROLE_SLOT          ? "by its role, as "
                         : role == SB_ROLE_CONSTRUCTOR ? "by the name of the class"
                                                       : "when the object is closed",
                         role == SB_ROLE_SLOT ? slots[function->slot].dunder : "");
    if (!name_in_class(binder, s, given))
        return false;
    if (nameless || (function->flags & SB_FUNCTION_HIDDEN) != 0)
        return true;
    uint32_t index = row->binding, other = SB_NONE;
    sb_member_kind kind = SB_MEMBER_METHOD;
    if (role == SB_ROLE_CLASS_METHOD)
        kind = SB_MEMBER_CLASS_METHOD;
    else if (role == SB_ROLE_GETTER)
        kind = SB_MEMBER_PROPERTY;
    else if (role == SB_ROLE_SETTER) {
        kind = SB_MEMBER_PROPERTY;
        index = SB_NONE;
        other = row->binding;
    }
    return bind_add_member(binder, function->scope, function->name, kind, index, other, row->line,
                           row->column);
}
