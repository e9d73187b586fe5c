/* bind_parameter.c - the parameters and the result of one function: directions, lengths, pairs,
 * defaults, and what frees what the function gives. */
#include "bind.h"

#include <string.h>

static bool fail(struct binder *binder, const struct signature *s, const sb_value *value,
                 const sb_attribute *attribute, const char *text)
{
    return bind_value_fail(binder, &s->subject, value, attribute, "%s", text);
}

static int find_param(const struct signature *s, sb_text name)
{
    for (unsigned i = 0; name != 0 && i < s->param_count; i++) {
        if (s->params[i].name == name)
            return (int)i;
    }
    return -1;
}

static bool is_integer(const struct binder *binder, sb_type_id id)
{
    sb_kind kind = binder->b->types[id].kind;
    return kind == SB_INT || kind == SB_UINT;
}

static bool is_integer_pointer(const struct binder *binder, sb_type_id id)
{
    const sb_type *type = &binder->b->types[id];
    return type->kind == SB_POINTER && is_integer(binder, type->target);
}

static bool is_operand(const sb_value *value)
{
    return value->direction != SB_OUT && (value->flags & SB_VALUE_HIDDEN) == 0;
}

unsigned bind_operands(const struct signature *s)
{
    unsigned count = 0;
    for (unsigned i = 0; i < s->param_count; i++)
        count += is_operand(&s->params[i]);
    return count;
}

unsigned bind_outcomes(const struct signature *s)
{
    unsigned count = (s->result->flags & SB_VALUE_HIDDEN) == 0;
    for (unsigned i = 0; i < s->param_count; i++) {
        uint32_t unseen = SB_VALUE_HIDDEN | SB_VALUE_IS_LENGTH;
        if (s->params[i].direction == SB_INOUT)
            unseen |= SB_VALUE_READONLY; /* [[in]] */
        count += s->params[i].direction != SB_IN && (s->params[i].flags & unseen) == 0;
    }
    return count;
}

/* ---- lengths --------------------------------------------------------------------------------- */

static bool no_such_parameter(struct binder *binder, const struct signature *s,
                              const sb_value *value, const sb_attribute *attribute, sb_text name)
{
    return bind_value_fail(binder, &s->subject, value, attribute,
                           "[[%s]] names '%.100s', which is no parameter of this function",
                           bind_spelling(attribute->id), builder_string(binder->b, name));
}

/* array(16): a number of elements that never changes. */
static bool set_fixed(struct binder *binder, const struct signature *s, sb_value *value,
                      const sb_attribute *array)
{
    const sb_constant *argument = bind_argument(binder, array, 0);
    if ((argument->kind == SB_CONST_INT && argument->as.i > 0) ||
        (argument->kind == SB_CONST_UINT && argument->as.u > 0)) {
        value->fixed = argument->as.u;
        return true;
    }
    if (argument->kind == SB_CONST_NAME)
        return no_such_parameter(binder, s, value, array, bind_identifier(argument));
    return fail(binder, s, value, array, "[[array]] needs a length above 0");
}

static void mark_length(struct signature *s, int holder, unsigned array, uint32_t flags)
{
    s->params[holder].flags |= SB_VALUE_IS_LENGTH | flags;
    if (s->params[holder].partner < 0)
        s->params[holder].partner = (int16_t)array;
}

static bool link_input(struct binder *binder, struct signature *s, unsigned i,
                       const sb_attribute *array, int holder)
{
    sb_value *value = &s->params[i];
    if (array->argument_count > 1)
        return fail(binder, s, value, array,
                    "[[array]] takes a second argument only with [[out]]: what reports how many "
                    "elements were written");
    if (holder < 0)
        return set_fixed(binder, s, value, array);
    if (!is_integer(binder, s->params[holder].type))
        return bind_value_fail(binder, &s->subject, value, array,
                               "the length of what is passed in must be an integer passed by "
                               "value, which '%.100s' is not",
                               builder_string(binder->b, s->params[holder].name));
    value->length = (int16_t)holder;
    mark_length(s, holder, i, SB_VALUE_HIDDEN);
    return true;
}

/* An out array that the caller allocates, with room for what `holder` says. */
static bool link_room(struct binder *binder, struct signature *s, unsigned i,
                      const sb_attribute *array, int holder)
{
    struct attributes *all = &s->param_attributes[i];
    const sb_attribute *capacity = bind_attribute(all, SB_ATTR_CAPACITY);
    sb_value *value = &s->params[i];
    if (holder < 0) {
        if (capacity != NULL)
            return fail(
                binder, s, value, capacity,
                "[[capacity]] speaks of a length parameter, but array(...) gives the number "
                "itself; remove one");
        return set_fixed(binder, s, value, array);
    }
    sb_value *room = &s->params[holder];
    bool by_value = is_integer(binder, room->type);
    bool in_and_out = room->direction == SB_INOUT && is_integer_pointer(binder, room->type);
    if (!by_value && !in_and_out) {
        const char *name = builder_string(binder->b, room->name);
        if (room->direction == SB_OUT)
            return bind_value_fail(
                binder, &s->subject, value, array,
                "'%.100s' only reports a count, so nothing says how much room to "
                "make; write array(length, %.100s) or array(64, %.100s)",
                name, name, name);
        return bind_value_fail(binder, &s->subject, value, array,
                               "the length must be an integer, or a pointer to one that is "
                               "[[inout]], which '%.100s' is not",
                               name);
    }
    value->length = (int16_t)holder;
    if (in_and_out)
        value->written = (int16_t)holder;
    if (capacity != NULL) {
        bool counted = (room->flags & SB_VALUE_HIDDEN) != 0 && room->partner >= 0 &&
                       s->params[room->partner].direction == SB_IN;
        if (counted)
            return bind_value_fail(binder, &s->subject, value, capacity,
                                   "'%.100s' is the length of an array that is passed in; remove "
                                   "[[capacity]]",
                                   builder_string(binder->b, room->name));
        value->fixed = bind_argument(binder, capacity, 0)->as.u;
    }
    mark_length(s, holder, i, capacity != NULL ? SB_VALUE_HIDDEN : 0);
    return true;
}

static bool link_written(struct binder *binder, struct signature *s, unsigned i,
                         const sb_attribute *array)
{
    sb_value *value = &s->params[i];
    sb_text name = bind_identifier(bind_argument(binder, array, 1));
    int holder = find_param(s, name);
    if (holder < 0)
        return no_such_parameter(binder, s, value, array, name);
    if (s->params[holder].direction != SB_OUT ||
        !is_integer_pointer(binder, s->params[holder].type))
        return bind_value_fail(
            binder, &s->subject, value, array,
            "'%.100s' is to report how many elements were written, so it must be "
            "a pointer to an integer that is [[out]]",
            builder_string(binder->b, name));
    if (value->written >= 0)
        return fail(binder, s, value, array,
                    "the [[inout]] length reports how many elements were written already; remove "
                    "the second argument");
    value->written = (int16_t)holder;
    mark_length(s, holder, i, SB_VALUE_HIDDEN);
    return true;
}

static bool link_array(struct binder *binder, struct signature *s, unsigned i)
{
    struct attributes *all = &s->param_attributes[i];
    const sb_attribute *array = bind_attribute(all, SB_ATTR_ARRAY);
    const sb_attribute *capacity = bind_attribute(all, SB_ATTR_CAPACITY);
    sb_value *value = &s->params[i];
    if (array == NULL) {
        if (capacity != NULL)
            return fail(binder, s, value, capacity,
                        "[[capacity]] needs [[array(length)]] beside it, or write array(64)");
        return true;
    }
    int holder = find_param(s, bind_identifier(bind_argument(binder, array, 0)));
    if (value->direction == SB_IN) {
        if (capacity != NULL)
            return fail(binder, s, value, capacity,
                        "[[capacity]] is the room for what the function writes; it needs [[out]]");
        return link_input(binder, s, i, array, holder);
    }
    if ((value->flags & SB_VALUE_CALLEE_ALLOCATED) == 0) {
        if (!link_room(binder, s, i, array, holder))
            return false;
    } else {
        if (capacity != NULL || array->argument_count > 1)
            return fail(binder, s, value, capacity != NULL ? capacity : array,
                        "the function allocates this array itself; [[array]] needs only the length "
                        "that it reports");
        value->length = (int16_t)holder;
        mark_length(s, holder, i, SB_VALUE_HIDDEN);
    }
    return array->argument_count < 2 || link_written(binder, s, i, array);
}

/* Arrays that share a length share its capacity; a length has no value of its own. */
static bool check_lengths(struct binder *binder, struct signature *s)
{
    for (unsigned i = 0; i < s->param_count; i++) {
        sb_value *value = &s->params[i];
        if (value->passing != SB_PASS_ARRAY || value->direction != SB_OUT || value->length < 0)
            continue;
        for (unsigned k = 0; k < s->param_count; k++) {
            const sb_value *other = &s->params[k];
            if (k == i || other->passing != SB_PASS_ARRAY || other->length != value->length ||
                other->direction != SB_OUT || other->fixed == 0 || other->fixed == value->fixed)
                continue;
            if (value->fixed != 0)
                return fail(binder, s, value,
                            bind_attribute(&s->param_attributes[i], SB_ATTR_CAPACITY),
                            "two arrays of one length have different capacities");
            value->fixed = other->fixed;
        }
    }
    for (unsigned i = 0; i < s->param_count; i++) {
        sb_value *value = &s->params[i];
        uint32_t derived = SB_VALUE_IS_LENGTH | SB_VALUE_HIDDEN;
        const struct attributes *all = &s->param_attributes[i];
        const sb_attribute *given = bind_attribute(all, SB_ATTR_VALUE);
        if (given == NULL)
            given = bind_attribute(all, SB_ATTR_DEFAULT);
        if (given == NULL)
            given = bind_attribute(all, SB_ATTR_KEYWORD_ONLY);
        if (given == NULL)
            given = bind_attribute(all, SB_ATTR_HIDDEN);
        bool clash = (value->flags & derived) == derived ||
                     ((value->flags & SB_VALUE_IS_LENGTH) != 0 && bind_has(all, SB_ATTR_VALUE));
        if (given != NULL && clash)
            return bind_value_fail(binder, &s->subject, value, given,
                                   "[[%s]] cannot be: the parameter is the length of an array and "
                                   "follows from it",
                                   bind_spelling(given->id));
    }
    return true;
}

/* ---- pairs ----------------------------------------------------------------------------------- */

static bool link_dict(struct binder *binder, struct signature *s, unsigned i)
{
    const sb_attribute *dict = bind_attribute(&s->param_attributes[i], SB_ATTR_DICT);
    if (dict == NULL)
        return true;
    sb_value *keys = &s->params[i];
    sb_text name = bind_identifier(bind_argument(binder, dict, 0));
    int other = find_param(s, name);
    if (other < 0)
        return no_such_parameter(binder, s, keys, dict, name);
    sb_value *values = &s->params[other];
    bool paired = keys->passing == SB_PASS_ARRAY && values->passing == SB_PASS_ARRAY &&
                  (unsigned)other != i && keys->direction == values->direction;
    bool counted = keys->length == values->length && keys->fixed == values->fixed &&
                   (keys->length >= 0 || keys->fixed > 0);
    if (!paired || !counted)
        return bind_value_fail(binder, &s->subject, keys, dict,
                               "[[dict]] needs two arrays of one direction and one length; write "
                               "the same array(...) at '%.100s'",
                               builder_string(binder->b, name));
    if (values->partner >= 0 || keys->partner >= 0)
        return fail(binder, s, keys, dict, "[[dict]]: one of the arrays is in a dict already");
    keys->flags |= SB_VALUE_DICT_KEYS;
    keys->partner = (int16_t)other;
    values->flags |= SB_VALUE_DICT_VALUES | SB_VALUE_HIDDEN;
    values->partner = (int16_t)i;
    return true;
}

/* Whether f frees pointers to `target`. */
static bool frees(const struct binder *binder, const sb_declaration *f, sb_type_id target)
{
    const struct builder *b = binder->b;
    const sb_type *type = &b->types[f->type];
    if (type->count != 1)
        return false;
    const sb_type *taken = &b->types[b->params[f->first_param].type];
    if (taken->kind != SB_POINTER)
        return false;
    sb_kind kind = b->types[taken->target].kind;
    sb_kind given = b->types[target].kind;
    return taken->target == target || kind == SB_VOID || kind == SB_CHAR || given == SB_VOID;
}

static bool link_owned(struct binder *binder, const struct signature *s, sb_value *value,
                       const struct attributes *all)
{
    const struct builder *b = binder->b;
    const sb_attribute *owned = bind_attribute(all, SB_ATTR_OWNED);
    if (owned == NULL)
        return true;
    sb_type_id target = b->types[value->type].target;
    if (value != s->result)
        target = b->types[target].target;
    if (owned->argument_count == 0) {
        uint32_t class_index = value->passing == SB_PASS_REFERENCE
                                   ? bind_class_of(binder, value->value_type)
                                   : SB_NONE;
        if (class_index != SB_NONE && (b->classes[class_index].flags & SB_CLASS_OPAQUE) != 0)
            value->free_function = b->classes[class_index].destructor;
        return true;
    }
    sb_text name = bind_identifier(bind_argument(binder, owned, 0));
    const struct name *found = builder_find_text(b, name);
    const sb_declaration *f =
        found != NULL && found->kind == NAME_DECLARED ? &b->declarations[found->index] : NULL;
    if (f == NULL || f->kind != SB_DECL_FUNCTION)
        return bind_value_fail(
            binder, &s->subject, value, owned,
            "[[owned]] names '%.100s', which is no function of this description; "
            "declare it, [[hidden]] if Python need not see it",
            builder_string(b, name));
    if (!frees(binder, f, target))
        return bind_value_fail(binder, &s->subject, value, owned,
                               "'%.100s' cannot free it: a function is needed whose one parameter "
                               "is a pointer of this type or void *",
                               builder_string(b, name));
    value->free_function = f->binding;
    return true;
}

/* ---- what the user passes -------------------------------------------------------------------- */

static bool name_params(struct binder *binder, struct signature *s)
{
    bool renamed = false;
    for (unsigned i = 0; i < s->param_count; i++) {
        sb_value *value = &s->params[i];
        const sb_attribute *given = bind_attribute(&s->param_attributes[i], SB_ATTR_NAME);
        const char *bytes = builder_string(binder->b, value->name);
        sb_text name = value->name;
        if (given != NULL)
            name = bind_given_name(binder, given);
        else if (name != 0 && bind_is_keyword(bytes, strlen(bytes)))
            name = bind_safe_name(binder, bytes, strlen(bytes));
        if (name == SB_NONE)
            return false;
        renamed = renamed || name != value->name;
        value->py_name = name;
    }
    for (unsigned i = 1; renamed && i < s->param_count; i++) {
        for (unsigned k = 0; k < i; k++) {
            if (s->params[i].py_name != 0 && s->params[i].py_name == s->params[k].py_name &&
                is_operand(&s->params[i]) && is_operand(&s->params[k]))
                return bind_value_fail(binder, &s->subject, &s->params[i], NULL,
                                       "two parameters would be called '%.100s'",
                                       builder_string(binder->b, s->params[i].py_name));
        }
    }
    return true;
}

/* [[value]], [[default]], [[hidden]], [[keyword_only]], and the order that Python asks for. */
static bool bind_passing(struct binder *binder, struct signature *s)
{
    bool keyword_only = false, optional = false;
    for (unsigned i = 0; i < s->param_count; i++) {
        sb_value *value = &s->params[i];
        const struct attributes *all = &s->param_attributes[i];
        const sb_attribute *fixed = bind_attribute(all, SB_ATTR_VALUE);
        const sb_attribute *given = bind_attribute(all, SB_ATTR_DEFAULT);
        const sb_attribute *hidden = bind_attribute(all, SB_ATTR_HIDDEN);
        const sb_attribute *keyword = bind_attribute(all, SB_ATTR_KEYWORD_ONLY);
        if (hidden != NULL) {
            if (value->direction != SB_OUT)
                return fail(binder, s, value, hidden,
                            "[[hidden]] does not say what to pass; write value(...)");
            value->flags |= SB_VALUE_HIDDEN;
        }
        if (fixed != NULL) {
            if (!bind_constant(binder, &s->subject, value, fixed))
                return false;
            value->flags |= SB_VALUE_HIDDEN;
        }
        if (given != NULL && !bind_constant(binder, &s->subject, value, given))
            return false;
        if (!is_operand(value) || (value->flags & SB_VALUE_SELF) != 0)
            continue;
        keyword_only = keyword_only || keyword != NULL;
        if (keyword_only) {
            if (value->py_name == 0)
                return fail(binder, s, value, keyword, "a keyword-only parameter needs a name");
            value->flags |= SB_VALUE_KEYWORD_ONLY;
            continue;
        }
        if (given == NULL && optional)
            return fail(binder, s, value, NULL,
                        "it follows a parameter with a default, so it needs a default too, or "
                        "[[keyword_only]]");
        optional = optional || given != NULL;
    }
    return true;
}

static bool check_receiver(struct binder *binder, const struct signature *s)
{
    const struct attributes *all = &s->param_attributes[0];
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->rows[i].id != SB_ATTR_CONSUMED)
            return bind_value_fail(binder, &s->subject, &s->params[0], &all->rows[i],
                                   "[[%s]] cannot stand at the object that a method works on",
                                   bind_spelling(all->rows[i].id));
    }
    return true;
}

/* Directions come first: what an array is depends on its length's. */
static void bind_directions(struct binder *binder, struct signature *s)
{
    const struct builder *b = binder->b;
    for (unsigned i = 0; i < s->param_count; i++) {
        const struct attributes *all = &s->param_attributes[i];
        if (bind_has(all, SB_ATTR_OUT))
            s->params[i].direction = SB_OUT;
        else if (bind_has(all, SB_ATTR_INOUT) || bind_has(all, SB_ATTR_IN))
            s->params[i].direction = SB_INOUT;
    }
    for (unsigned i = 0; i < s->param_count; i++) {
        const sb_attribute *array = bind_attribute(&s->param_attributes[i], SB_ATTR_ARRAY);
        const sb_type *type = &b->types[s->params[i].type];
        if (array == NULL || s->params[i].direction != SB_OUT || type->kind != SB_POINTER ||
            b->types[type->target].kind != SB_POINTER || array->argument_count > 1 ||
            bind_has(&s->param_attributes[i], SB_ATTR_CAPACITY))
            continue;
        int holder = find_param(s, bind_identifier(bind_argument(binder, array, 0)));
        if (holder >= 0 && s->params[holder].direction == SB_OUT &&
            is_integer_pointer(binder, s->params[holder].type))
            s->params[i].flags |= SB_VALUE_CALLEE_ALLOCATED;
    }
}

bool bind_parameters(struct binder *binder, struct signature *s)
{
    bool attributes = false;
    for (unsigned i = 0; i < s->param_count; i++)
        attributes = attributes || s->param_attributes[i].count > 0;
    if (attributes)
        bind_directions(binder, s);
    for (unsigned i = 0; i < s->param_count; i++) {
        if (!bind_value(binder, &s->subject, &s->params[i], &s->param_attributes[i]))
            return false;
    }
    if (s->param_count > 0 && (s->params[0].flags & SB_VALUE_SELF) != 0 &&
        !check_receiver(binder, s))
        return false;
    if (!name_params(binder, s) || !bind_callbacks(binder, s))
        return false;
    if (!attributes)
        return true;
    for (int in = 1; in >= 0; in--) { /* what is passed in decides first what a length is */
        for (unsigned i = 0; i < s->param_count; i++) {
            if ((s->params[i].direction == SB_IN) == (in == 1) && !link_array(binder, s, i))
                return false;
        }
    }
    if (!check_lengths(binder, s))
        return false;
    for (unsigned i = 0; i < s->param_count; i++) {
        const sb_attribute *grow = bind_attribute(&s->param_attributes[i], SB_ATTR_GROW);
        sb_value *value = &s->params[i];
        if (grow != NULL) {
            if (value->length < 0 || value->fixed == 0 || value->written < 0)
                return fail(binder, s, value, grow,
                            "[[grow]] needs an out array with capacity(...) and a parameter that "
                            "reports the size: array(length, written), or a length that is "
                            "[[inout]]");
            value->flags |= SB_VALUE_GROW;
        }
        if (!link_dict(binder, s, i) || !link_owned(binder, s, value, &s->param_attributes[i]))
            return false;
    }
    return bind_passing(binder, s);
}

/* ---- the result ------------------------------------------------------------------------------ */

static bool bind_fails(struct binder *binder, struct signature *s, const sb_attribute *fails)
{
    static const struct {
        const char *name;
        uint8_t failure;
    } conditions[] = {{"null", SB_FAILS_NULL},
                      {"negative", SB_FAILS_NEGATIVE},
                      {"nonzero", SB_FAILS_NONZERO},
                      {"zero", SB_FAILS_ZERO}};
    const struct builder *b = binder->b;
    const char *name = builder_string(b, bind_identifier(bind_argument(binder, fails, 0)));
    sb_function *function = s->function;
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        if (strcmp(name, conditions[i].name) == 0)
            function->failure = conditions[i].failure;
    }
    const sb_type *type = &b->types[s->result->type];
    bool fits = true;
    switch (function->failure) {
    case SB_FAILS_NULL:
        fits = type->kind == SB_POINTER;
        break;
    case SB_FAILS_NEGATIVE:
        fits =
            type->kind == SB_INT || (type->kind == SB_ENUM && (type->flags & SB_TYPE_SIGNED) != 0);
        break;
    case SB_FAILS_NONZERO:
    case SB_FAILS_ZERO:
        fits = type->kind == SB_INT || type->kind == SB_UINT || type->kind == SB_BOOL ||
               type->kind == SB_ENUM;
        s->result->flags |= SB_VALUE_HIDDEN;
        break;
    default:
        return fail(binder, s, s->result, fails,
                    "[[fails]] knows null, negative, nonzero and zero");
    }
    if (!fits)
        return bind_value_fail(binder, &s->subject, s->result, fails,
                               "fails(%s) needs a function that returns %s", name,
                               function->failure == SB_FAILS_NULL       ? "a pointer"
                               : function->failure == SB_FAILS_NEGATIVE ? "a signed integer"
                                                                        : "an integer");
    function->exception = fails->argument_count > 1 ? bind_exception(binder, fails, 1)
                                                    : bind_standard_exception(binder, "OSError");
    if (function->exception == SB_NONE)
        return false;
    if (binder->os_errors[function->exception] != 0)
        function->flags |= SB_FUNCTION_ERRNO;
    return true;
}

static bool link_result(struct binder *binder, struct signature *s)
{
    const sb_attribute *array = bind_attribute(&s->attributes, SB_ATTR_ARRAY);
    sb_value *result = s->result;
    if (array == NULL)
        return true;
    if (array->argument_count > 1)
        return fail(binder, s, result, array, "[[array]] takes one argument at a function");
    int holder = find_param(s, bind_identifier(bind_argument(binder, array, 0)));
    if (holder < 0)
        return set_fixed(binder, s, result, array);
    const sb_value *value = &s->params[holder];
    bool reported = value->direction != SB_IN && is_integer_pointer(binder, value->type);
    if (!reported && !is_integer(binder, value->type))
        return bind_value_fail(
            binder, &s->subject, result, array,
            "its length must be an integer, or a pointer to one that is [[out]], "
            "which '%.100s' is not",
            builder_string(binder->b, value->name));
    result->length = (int16_t)holder;
    s->params[holder].flags |= SB_VALUE_IS_LENGTH;
    if (value->direction == SB_OUT)
        s->params[holder].flags |= SB_VALUE_HIDDEN;
    return true;
}

/* result(keep), result(drop): against what would become of the C result by itself. */
static bool bind_result_fate(struct binder *binder, struct signature *s)
{
    const sb_attribute *fate = bind_attribute(&s->attributes, SB_ATTR_RESULT);
    if (fate == NULL)
        return true;
    const char *word = builder_string(binder->b, bind_identifier(bind_argument(binder, fate, 0)));
    if (binder->b->types[s->result->type].kind == SB_VOID)
        return fail(binder, s, s->result, fate, "[[result]]: the function returns nothing");
    if (strcmp(word, "keep") == 0)
        s->result->flags &= ~(uint32_t)SB_VALUE_HIDDEN;
    else if (strcmp(word, "drop") == 0)
        s->result->flags |= SB_VALUE_HIDDEN;
    else
        return fail(binder, s, s->result, fate, "[[result]] knows keep and drop");
    return true;
}

bool bind_result(struct binder *binder, struct signature *s)
{
    const struct builder *b = binder->b;
    sb_value *result = s->result;
    const sb_type *function = &b->types[s->declaration->type];
    result->type = function->target;
    result->quals = function->target_quals;
    result->line = s->declaration->line;
    result->column = s->declaration->column;
    bind_reset_value(result);
    result->direction = SB_OUT;
    struct bind_subject subject = s->subject;
    subject.use = BIND_RESULT;
    s->subject.use = BIND_RESULT;
    bool done = bind_value(binder, &subject, result, &s->attributes);
    const sb_attribute *fails = bind_attribute(&s->attributes, SB_ATTR_FAILS);
    const sb_type *type = &b->types[result->type];
    if (done && type->kind == SB_ENUM && type->binding != SB_NONE &&
        b->enums[type->binding].is_status) {
        if (fails != NULL)
            done = fail(binder, s, result, fails,
                        "a status says itself when the function failed; remove [[fails]]");
        s->function->failure = SB_FAILS_STATUS;
        if (binder->os_error_enums[type->binding] != 0)
            s->function->flags |= SB_FUNCTION_ERRNO;
        result->flags |= SB_VALUE_HIDDEN;
    } else if (done && fails != NULL)
        done = bind_fails(binder, s, fails);
    done = done && link_result(binder, s) && link_owned(binder, s, result, &s->attributes) &&
           bind_result_fate(binder, s);
    s->subject.use = BIND_PARAMETER;
    return done;
}
