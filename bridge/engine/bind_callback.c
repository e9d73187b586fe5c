/* bind_callback.c - function pointers that are passed in: how long C keeps them, what tells the
 * bridge that it is done, and what the parameters of the function are to whoever is called. */
#include "bind.h"

#include <string.h>

static bool fail(struct binder *binder, const struct signature *s, const sb_value *value,
                 const sb_attribute *attribute, const char *text)
{
    return bind_value_fail(binder, &s->subject, value, attribute, "%s", text);
}

static bool is_void_pointer(const struct binder *binder, sb_type_id id)
{
    const sb_type *type = &binder->b->types[id];
    return type->kind == SB_POINTER && binder->b->types[type->target].kind == SB_VOID;
}

/* The function type that a pointer points at, or NULL. */
static const sb_type *pointed_function(const struct binder *binder, sb_type_id id)
{
    const sb_type *type = &binder->b->types[id];
    const sb_type *target = type->kind == SB_POINTER ? &binder->b->types[type->target] : NULL;
    return target != NULL && target->kind == SB_FUNCTION ? target : NULL;
}

/* ---- the callback's own parameters ----------------------------------------------------------- */

static bool refuse_in_callback(struct binder *binder, const struct bind_subject *subject,
                               const sb_value *value, const struct attributes *all)
{
    static const uint8_t known[] = {
        SB_ATTR_IN,     SB_ATTR_OUT,   SB_ATTR_ARRAY,    SB_ATTR_ZERO_TERMINATED,
        SB_ATTR_STRING, SB_ATTR_BYTES, SB_ATTR_NULLABLE, SB_ATTR_NAME,
        SB_ATTR_USER_DATA};
    for (uint32_t i = 0; i < all->count; i++) {
        if (memchr(known, all->rows[i].id, sizeof known) == NULL)
            return bind_value_fail(binder, subject, value, &all->rows[i],
                                   "[[%s]] says nothing at a parameter of a callback",
                                   bind_spelling(all->rows[i].id));
    }
    return true;
}

static int find_in_callback(const sb_value *params, unsigned count, sb_text name)
{
    for (unsigned i = 0; name != 0 && i < count; i++) {
        if (params[i].name == name)
            return (int)i;
    }
    return -1;
}

/* array(n) or array(16) at what the callback is given. */
static bool link_given_array(struct binder *binder, const struct bind_subject *subject,
                             sb_value *params, unsigned count, unsigned i,
                             const sb_attribute *array)
{
    sb_value *value = &params[i];
    if (value->direction == SB_OUT)
        return bind_value_fail(binder, subject, value, array,
                               "a callback cannot fill an array; leave out [[out]]: it is given one "
                               "that it reads");
    if (array->argument_count > 1)
        return bind_value_fail(binder, subject, value, array,
                               "[[array]] takes one argument at a parameter of a callback");
    const sb_constant *length = bind_argument(binder, array, 0);
    sb_text name = bind_identifier(length);
    int holder = find_in_callback(params, count, name);
    if (holder < 0 && length->kind != SB_CONST_INT && length->kind != SB_CONST_UINT)
        return bind_value_fail(binder, subject, value, array,
                               "[[array]] names '%.100s', which is no parameter of the callback",
                               builder_string(binder->b, name));
    if (holder < 0) {
        value->fixed = length->as.u;
        return true;
    }
    sb_kind kind = binder->b->types[params[holder].type].kind;
    if (kind != SB_INT && kind != SB_UINT)
        return bind_value_fail(binder, subject, value, array,
                               "the length must be an integer passed by value, which '%.100s' is "
                               "not",
                               builder_string(binder->b, name));
    value->length = (int16_t)holder;
    params[holder].flags |= SB_VALUE_IS_LENGTH | SB_VALUE_HIDDEN;
    return true;
}

static bool bind_callback_param(struct binder *binder, const struct bind_subject *subject,
                                sb_value *value, const struct attributes *all, bool *marked)
{
    const sb_attribute *user_data = bind_attribute(all, SB_ATTR_USER_DATA);
    if (!refuse_in_callback(binder, subject, value, all))
        return false;
    if (user_data != NULL) {
        if (user_data->argument_count > 0)
            return bind_value_fail(binder, subject, value, user_data,
                                   "within a callback [[user_data]] marks the parameter and takes no "
                                   "argument");
        if (!is_void_pointer(binder, value->type))
            return bind_value_fail(binder, subject, value, user_data,
                                   "[[user_data]] needs a void *");
        if (*marked)
            return bind_value_fail(binder, subject, value, user_data,
                                   "a second parameter of the callback is [[user_data]]");
        *marked = true;
        value->passing = SB_PASS_ADDRESS;
        value->flags |= SB_VALUE_USER_DATA | SB_VALUE_HIDDEN;
        return true;
    }
    if (bind_has(all, SB_ATTR_OUT))
        value->direction = SB_OUT;
    if (!bind_value(binder, subject, value, all))
        return false;
    const sb_type *element = &binder->b->types[value->value_type];
    if (value->passing == SB_PASS_ARRAY && element->kind == SB_UINT && element->size == 1 &&
        !bind_has(all, SB_ATTR_STRING))
        value->flags |= SB_VALUE_BYTES; /* as from other things that C gives */
    return true;
}

/* Once per function type. *marked: some parameter is [[user_data]]. */
static bool bind_callback_type(struct binder *binder, const struct bind_subject *owner,
                               const sb_type *function, bool *marked)
{
    struct builder *b = binder->b;
    sb_value *params = function->count == 0 ? NULL : b->params + function->first;
    struct bind_subject subject = *owner;
    subject.use = BIND_PARAMETER;
    subject.is_hidden = true; /* what cannot cross is found out when it is used */
    for (unsigned i = 0; i < function->count; i++) {
        if (params[i].flags & SB_VALUE_OF_CALLBACK) {
            *marked = *marked || (params[i].flags & SB_VALUE_USER_DATA) != 0;
            continue;
        }
        struct attributes all =
            bind_attributes(binder, params[i].first_attribute, params[i].attribute_count);
        if (!bind_callback_param(binder, &subject, &params[i], &all, marked))
            return false;
        params[i].flags |= SB_VALUE_OF_CALLBACK;
    }
    for (unsigned i = 0; i < function->count; i++) {
        struct attributes all =
            bind_attributes(binder, params[i].first_attribute, params[i].attribute_count);
        const sb_attribute *array = bind_attribute(&all, SB_ATTR_ARRAY);
        if (array != NULL &&
            !link_given_array(binder, &subject, params, function->count, i, array))
            return false;
    }
    return true;
}

/* ---- the parameter that takes the callback --------------------------------------------------- */

static bool set_scope(struct binder *binder, const struct signature *s, sb_value *value,
                      const sb_attribute *scope)
{
    static const char *const words[] = {
        [SB_SCOPE_CALL] = "call",
        [SB_SCOPE_NOTIFIED] = "notified",
        [SB_SCOPE_ONCE] = "once",
        [SB_SCOPE_FOREVER] = "forever",
    };
    const char *word = builder_string(binder->b, bind_identifier(bind_argument(binder, scope, 0)));
    for (unsigned i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i]) == 0) {
            value->scope = (uint8_t)i;
            return true;
        }
    }
    return fail(binder, s, value, scope, "[[scope]] knows call, notified, once and forever");
}

static int named_param(struct binder *binder, const struct signature *s, const sb_value *value,
                       const sb_attribute *attribute)
{
    sb_text name = bind_identifier(bind_argument(binder, attribute, 0));
    int found = find_in_callback(s->params, s->param_count, name);
    if (found < 0)
        (void)bind_value_fail(binder, &s->subject, value, attribute,
                              "[[%s]] names '%.100s', which is no parameter of this function",
                              bind_spelling(attribute->id), builder_string(binder->b, name));
    return found;
}

static bool set_user_data(struct binder *binder, struct signature *s, sb_value *value,
                          const sb_attribute *user_data, bool marked)
{
    if (user_data->argument_count == 0)
        return fail(binder, s, value, user_data,
                    "[[user_data]] must name the parameter of this function that C hands to the "
                    "callback: user_data(p)");
    int holder = named_param(binder, s, value, user_data);
    if (holder < 0)
        return false;
    sb_value *data = &s->params[holder];
    if (!is_void_pointer(binder, data->type) || data->direction != SB_IN)
        return bind_value_fail(binder, &s->subject, value, user_data,
                               "[[user_data]] needs a void * that is passed in, which '%.100s' is "
                               "not",
                               builder_string(binder->b, data->name));
    if (s->param_attributes[holder].count > 0)
        return bind_value_fail(binder, &s->subject, data, &s->param_attributes[holder].rows[0],
                               "[[%s]] cannot be: the bridge passes the user data itself",
                               bind_spelling(s->param_attributes[holder].rows[0].id));
    if (!marked)
        return fail(binder, s, value, user_data,
                    "no parameter of the callback is marked [[user_data]], so nothing says where C "
                    "hands it back");
    value->user_data = (int16_t)holder;
    data->flags |= SB_VALUE_USER_DATA | SB_VALUE_HIDDEN;
    return true;
}

/* void (*)(void *), with the user data. */
static bool set_destroy(struct binder *binder, struct signature *s, sb_value *value,
                        const sb_attribute *destroy)
{
    if (value->scope != SB_SCOPE_NOTIFIED)
        return fail(binder, s, value, destroy, "[[destroy]] needs [[scope(notified)]] beside it");
    if (value->user_data < 0)
        return fail(binder, s, value, destroy,
                    "[[destroy]] needs [[user_data(p)]] beside it: by that C says which callback it "
                    "is done with");
    int holder = named_param(binder, s, value, destroy);
    if (holder < 0)
        return false;
    sb_value *notify = &s->params[holder];
    const sb_type *function = pointed_function(binder, notify->type);
    if (function == NULL || function->count != 1 || (function->flags & SB_TYPE_VARIADIC) != 0 ||
        !is_void_pointer(binder, binder->b->params[function->first].type))
        return bind_value_fail(binder, &s->subject, value, destroy,
                               "[[destroy]] needs a function pointer that takes one void *, which "
                               "'%.100s' is not",
                               builder_string(binder->b, notify->name));
    if (s->param_attributes[holder].count > 0)
        return bind_value_fail(binder, &s->subject, notify, &s->param_attributes[holder].rows[0],
                               "[[%s]] cannot be: the bridge passes a function of its own here",
                               bind_spelling(s->param_attributes[holder].rows[0].id));
    if ((notify->flags & SB_VALUE_DESTROY) != 0 ||
        (s->params[value->user_data].partner >= 0 &&
         &s->params[s->params[value->user_data].partner] != value))
        return fail(binder, s, value, destroy,
                    "two callbacks cannot share what tells that C is done");
    value->destroy = (int16_t)holder;
    notify->flags |= SB_VALUE_DESTROY | SB_VALUE_HIDDEN;
    return true;
}

/* A handle that is passed in, or that the function gives. */
static bool set_holder(struct binder *binder, struct signature *s, sb_value *value,
                       const sb_attribute *held_by)
{
    struct builder *b = binder->b;
    if (value->scope != SB_SCOPE_NOTIFIED && value->scope != SB_SCOPE_ONCE)
        return fail(binder, s, value, held_by,
                    "[[held_by]] needs [[scope(notified)]] or [[scope(once)]] beside it");
    sb_text name = bind_identifier(bind_argument(binder, held_by, 0));
    int holder = find_in_callback(s->params, s->param_count, name);
    sb_type_id type;
    if (holder >= 0) {
        type = s->params[holder].type;
        if (s->params[holder].direction == SB_OUT)
            type = b->types[type].target;
    } else if (strcmp(builder_string(b, name), "result") == 0) {
        type = b->types[s->declaration->type].target;
        holder = SB_HELD_BY_RESULT;
    } else
        return named_param(binder, s, value, held_by) >= 0;
    const sb_type *pointer = &b->types[type];
    uint32_t index =
        pointer->kind == SB_POINTER ? bind_class_of(binder, pointer->target) : SB_NONE;
    if (index == SB_NONE || (b->classes[index].flags & SB_CLASS_OPAQUE) == 0 ||
        b->classes[index].destructor == SB_NONE)
        return bind_value_fail(binder, &s->subject, value, held_by,
                               "[[held_by]] needs a handle with a [[destructor]], whose end is the "
                               "callback's; '%.100s' is none",
                               builder_string(b, name));
    value->held_by = (int16_t)holder;
    b->classes[index].flags |= SB_CLASS_HOLDS;
    return true;
}

static bool set_on_error(struct binder *binder, const struct signature *s, const sb_value *value,
                         const sb_type *function, const sb_attribute *on_error)
{
    if (binder->b->types[function->target].kind == SB_VOID)
        return fail(binder, s, value, on_error, "[[on_error]]: the callback returns nothing");
    sb_value result = *value;
    result.type = function->target;
    result.value_type = function->target;
    result.passing = binder->b->types[function->target].kind == SB_POINTER ? SB_PASS_ADDRESS
                                                                           : SB_PASS_VALUE;
    return bind_constant(binder, &s->subject, &result, on_error);
}

static bool refuse_elsewhere(struct binder *binder, const struct signature *s,
                             const sb_value *value, const struct attributes *all)
{
    static const uint8_t wanted[] = {SB_ATTR_SCOPE, SB_ATTR_DESTROY, SB_ATTR_HELD_BY,
                                     SB_ATTR_ON_ERROR};
    for (size_t i = 0; i < sizeof wanted; i++) {
        const sb_attribute *attribute = bind_attribute(all, wanted[i]);
        if (attribute != NULL)
            return bind_value_fail(binder, &s->subject, value, attribute,
                                   "[[%s]] needs a function pointer that is passed in",
                                   bind_spelling(wanted[i]));
    }
    const sb_attribute *user_data = bind_attribute(all, SB_ATTR_USER_DATA);
    /* A function declared by the typedef that callbacks have too shares its parameters. */
    bool shared =
        s->declaration->first_param == binder->b->types[s->declaration->type].first;
    if (user_data != NULL && !(shared && user_data->argument_count == 0))
        return fail(binder, s, value, user_data,
                    "[[user_data]] stands at the callback and names this parameter, and within the "
                    "callback's own parameters");
    return true;
}

static bool bind_callback(struct binder *binder, struct signature *s, sb_value *value,
                          const struct attributes *all, const sb_type *function)
{
    const sb_attribute *scope = bind_attribute(all, SB_ATTR_SCOPE);
    const sb_attribute *user_data = bind_attribute(all, SB_ATTR_USER_DATA);
    const sb_attribute *destroy = bind_attribute(all, SB_ATTR_DESTROY);
    const sb_attribute *held_by = bind_attribute(all, SB_ATTR_HELD_BY);
    const sb_attribute *on_error = bind_attribute(all, SB_ATTR_ON_ERROR);
    bool marked = false;
    if (scope != NULL && !set_scope(binder, s, value, scope))
        return false;
    if (!bind_callback_type(binder, &s->subject, function, &marked))
        return false;
    if (user_data != NULL && !set_user_data(binder, s, value, user_data, marked))
        return false;
    if (user_data == NULL && marked && all->count > 0)
        return fail(binder, s, value, NULL,
                    "the callback has [[user_data]]; say which parameter of this function carries "
                    "it: user_data(p)");
    if (user_data != NULL && s->params[value->user_data].partner < 0)
        s->params[value->user_data].partner = (int16_t)(value - s->params);
    if (destroy != NULL && !set_destroy(binder, s, value, destroy))
        return false;
    if (held_by != NULL && !set_holder(binder, s, value, held_by))
        return false;
    if (value->scope == SB_SCOPE_NOTIFIED && destroy == NULL && held_by == NULL)
        return fail(binder, s, value, scope,
                    "scope(notified): nothing says when C is done with it; add destroy(q) or "
                    "held_by(handle)");
    if (value->scope != SB_SCOPE_CALL && (s->function->flags & SB_FUNCTION_QUICK) != 0)
        return fail(binder, s, value, scope,
                    "a [[quick]] function cannot store a callback: C would call it from threads "
                    "that wait for this one; remove [[quick]] or the scope");
    return on_error == NULL || set_on_error(binder, s, value, function, on_error);
}

bool bind_callbacks(struct binder *binder, struct signature *s)
{
    for (unsigned i = 0; i < s->param_count; i++) {
        sb_value *value = &s->params[i];
        const struct attributes *all = &s->param_attributes[i];
        const sb_type *function = value->passing == SB_PASS_FUNCTION && value->direction == SB_IN
                                      ? pointed_function(binder, value->type)
                                      : NULL;
        bool done = function != NULL ? bind_callback(binder, s, value, all, function)
                                     : all->count == 0 || refuse_elsewhere(binder, s, value, all);
        if (!done)
            return false;
    }
    return true;
}
