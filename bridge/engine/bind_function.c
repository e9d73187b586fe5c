/* bind_function.c - one function after the other: attributes of conduct, then role, parameters,
 * result and place. */
#include "bind.h"

#include <string.h>

static void bind_conduct(struct binder *binder, struct signature *s)
{
    sb_function *function = s->function;
    const struct attributes *all = &s->attributes;
    const sb_attribute *version = bind_attribute(all, SB_ATTR_VERSION);
    const sb_attribute *since = bind_attribute(all, SB_ATTR_SINCE);
    if (bind_has(all, SB_ATTR_QUICK))
        function->flags |= SB_FUNCTION_QUICK;
    /* A function that came later may be missing from an older library. */
    if (bind_has(all, SB_ATTR_OPTIONAL) || since != NULL)
        function->flags |= SB_FUNCTION_OPTIONAL;
    if (bind_has(all, SB_ATTR_HIDDEN)) {
        function->flags |= SB_FUNCTION_HIDDEN;
        s->subject.is_hidden = true;
    }
    if (version != NULL)
        function->version = bind_argument(binder, version, 0)->as.s;
    if (since != NULL)
        function->since = bind_argument(binder, since, 0)->as.s;
}

static bool bind_function(struct binder *binder, struct signature *s, uint32_t index)
{
    struct builder *b = binder->b;
    s->function = &b->functions[index];
    s->declaration = &b->declarations[s->function->declaration];
    s->attributes =
        bind_attributes(binder, s->declaration->first_attribute, s->declaration->attribute_count);
    s->subject = (struct bind_subject){.use = BIND_PARAMETER, .owner = s->declaration->name};
    s->param_count = s->function->param_count;
    s->params = s->param_count == 0 ? NULL : b->params + s->function->first_param;
    s->result = &s->function->result;
    for (unsigned i = 0; i < s->param_count; i++)
        s->param_attributes[i] =
            bind_attributes(binder, s->params[i].first_attribute, s->params[i].attribute_count);
    bind_conduct(binder, s);
    return bind_role(binder, s) && bind_parameters(binder, s) && bind_result(binder, s) &&
           bind_check_role(binder, s) && bind_place_function(binder, s);
}

bool bind_functions(struct binder *binder)
{
    struct signature s;
    if (!bind_number_functions(binder))
        return false;
    for (uint32_t i = binder->old_functions; i < binder->b->function_count; i++) {
        if (!bind_function(binder, &s, i))
            return false;
    }
    return true;
}
