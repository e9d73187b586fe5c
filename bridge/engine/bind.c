/* bind.c - sb_bind: gives the attributes of a parsed description their meaning. This file drives
 * the pass and binds what concerns the module as a whole; bind.h lists the steps. */
#include "bind.h"

#include <string.h>

/* Rows come from the parser with their C side filled; the rest starts from here. */
static void reset_rows(struct binder *binder)
{
    struct builder *b = binder->b;
    for (uint32_t i = binder->old_types; i < b->type_count; i++)
        b->types[i].binding = SB_NONE;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++)
        b->declarations[i].binding = SB_NONE;
    for (uint32_t i = binder->old_params; i < b->param_count; i++)
        bind_reset_value(&b->params[i]);
    for (uint32_t i = binder->old_fields; i < b->field_count; i++)
        bind_reset_value(&b->fields[i].value);
    for (uint32_t i = binder->old_enumerators; i < b->enumerator_count; i++) {
        b->enumerators[i].py_name = 0;
        b->enumerators[i].outcome = SB_OUTCOME_RAISE;
        b->enumerators[i].exception = 0;
    }
}

static bool prepare(struct binder *binder)
{
    struct builder *b = binder->b;
    const sb_description *base = b->base;
    if (base != NULL) {
        binder->old_types = base->type_count;
        binder->old_declarations = base->declaration_count;
        binder->old_fields = base->field_count;
        binder->old_params = base->param_count;
        binder->old_enumerators = base->enumerator_count;
        binder->old_classes = base->class_count;
        binder->old_enums = base->enum_count;
        binder->old_functions = base->function_count;
    }
    reset_rows(binder);
    for (uint32_t i = 1; i < b->type_count; i++) {
        if (b->types[i].primitive == SB_PRIM_UCHAR && b->types[i].kind == SB_UINT) {
            binder->byte_type = i;
            break;
        }
    }
    size_t size = b->type_count * sizeof *binder->aliases;
    binder->aliases = memory_resize(NULL, size);
    if (binder->aliases == NULL) {
        builder_no_memory(b);
        return false;
    }
    memset(binder->aliases, 0, size);
    for (uint32_t i = 0; i < b->declaration_count; i++) {
        const sb_declaration *row = &b->declarations[i];
        if (row->kind == SB_DECL_TYPEDEF && binder->aliases[row->type] == 0)
            binder->aliases[row->type] = row->name;
    }
    if (b->scope_count == 0)
        return bind_add_scope(binder, SB_NONE, 0, SB_NONE, false) != SB_NONE;
    return bind_recall_scopes(binder);
}

/* ---- the module ------------------------------------------------------------------------------ */

static sb_text copy_argument(struct binder *binder, const sb_attribute *attribute)
{
    const sb_constant *argument = bind_argument(binder, attribute, 0);
    return builder_intern(binder->b, builder_string(binder->b, argument->as.s), argument->length);
}

/* Sets one text of the description, which may be said only once in it. */
static bool say_once(struct binder *binder, const struct attributes *all, sb_attribute_id id,
                     sb_text *out, const sb_attribute **said)
{
    const sb_attribute *attribute = bind_attribute(all, id);
    if (attribute == NULL)
        return true;
    if (*said != NULL)
        return bind_fail(binder, attribute->line, attribute->column,
                         "[[%s]] was said in line %u already; a description has one",
                         bind_spelling(id), builder_logical_line(binder->b, (*said)->line));
    *said = attribute;
    *out = copy_argument(binder, attribute);
    return *out != SB_NONE;
}

static bool is_module_name(const char *name)
{
    bool start = true;
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        bool digit = c >= '0' && c <= '9';
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
        if (start ? !letter : !(letter || digit || c == '.'))
            return false;
        start = c == '.';
    }
    return !start;
}

static bool set_prefix(struct binder *binder)
{
    struct builder *b = binder->b;
    const char *prefix = builder_string(b, b->prefix);
    size_t length = strlen(prefix);
    char *upper = memory_resize(NULL, length + 1);
    if (upper == NULL) {
        builder_no_memory(b);
        return false;
    }
    for (size_t i = 0; i <= length; i++)
        upper[i] = prefix[i] >= 'a' && prefix[i] <= 'z' ? (char)(prefix[i] - 'a' + 'A') : prefix[i];
    binder->prefix_length = (uint32_t)length;
    binder->prefix_upper = builder_intern(b, upper, length);
    memory_free(upper);
    return binder->prefix_upper != SB_NONE;
}

static bool bind_module(struct binder *binder)
{
    struct builder *b = binder->b;
    const sb_attribute *library = NULL, *module = NULL, *prefix = NULL;
    bool documented = false;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++) {
        const sb_declaration *row = &b->declarations[i];
        if (row->kind != SB_DECL_FILE)
            continue;
        struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
        sb_text name = b->scopes[0].name;
        if (!say_once(binder, &all, SB_ATTR_LIBRARY, &b->library, &library) ||
            !say_once(binder, &all, SB_ATTR_MODULE, &name, &module) ||
            !say_once(binder, &all, SB_ATTR_PREFIX, &b->prefix, &prefix))
            return false;
        b->scopes[0].name = name;
        if (module != NULL && !is_module_name(builder_string(b, name)))
            return bind_fail(binder, module->line, module->column,
                             "\"%.200s\" is no name of a module; write identifiers with dots "
                             "between them",
                             builder_string(b, name));
        bool speaks = bind_has(&all, SB_ATTR_LIBRARY) || bind_has(&all, SB_ATTR_MODULE) ||
                      bind_has(&all, SB_ATTR_PREFIX);
        if (speaks && row->doc != 0 && !documented) {
            documented = true;
            b->doc = row->doc;
            b->scopes[0].doc = row->doc;
        }
    }
    return set_prefix(binder);
}

/* After the classes, so that a name that is taken by one is found. */
static bool bind_submodules(struct binder *binder)
{
    struct builder *b = binder->b;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++) {
        const sb_declaration *row = &b->declarations[i];
        if (row->kind != SB_DECL_FILE)
            continue;
        struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
        const sb_attribute *attribute = bind_attribute(&all, SB_ATTR_SUBMODULE);
        if (attribute == NULL)
            continue;
        sb_text doc = row->doc;
        uint32_t scope = bind_submodule(binder, attribute);
        if (scope == SB_NONE)
            return false;
        if (doc != 0)
            b->scopes[scope].doc = doc;
    }
    return true;
}

/* ---- variables and constants ----------------------------------------------------------------- */

static bool bind_variables(struct binder *binder)
{
    struct builder *b = binder->b;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++) {
        sb_declaration row = b->declarations[i];
        if (row.kind != SB_DECL_VARIABLE && row.kind != SB_DECL_CONSTANT)
            continue;
        struct attributes all = bind_attributes(binder, row.first_attribute, row.attribute_count);
        if (bind_has(&all, SB_ATTR_HIDDEN))
            continue;
        const sb_attribute *given = bind_attribute(&all, SB_ATTR_NAME);
        bool constant = row.kind == SB_DECL_CONSTANT;
        struct bind_path path = {.scope = 0};
        if (given != NULL) {
            if (!bind_resolve_path(binder, given, &path))
                return false;
        } else
            path.name = bind_short_name(binder, row.name, constant);
        if (path.name == SB_NONE ||
            !bind_add_member(binder, path.scope, path.name,
                             constant ? SB_MEMBER_CONSTANT : SB_MEMBER_VARIABLE, i,
                             constant ? SB_NONE : b->address_count++, row.line, row.column))
            return false;
    }
    return true;
}

/* ---- messages -------------------------------------------------------------------------------- */

/* Lists the functions that are [[message]]s, those of the base first. */
static bool list_messages(struct binder *binder)
{
    struct builder *b = binder->b;
    uint32_t first = b->argument_count, count = 0;
    for (uint32_t i = 0; i < b->function_count; i++) {
        const sb_declaration *row = &b->declarations[b->functions[i].declaration];
        struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
        if (!bind_has(&all, SB_ATTR_MESSAGE))
            continue;
        sb_constant listed = {.kind = SB_CONST_UINT, .as.u = i};
        if (builder_add_argument(b, &listed) == SB_NONE)
            return false;
        count++;
    }
    b->first_message = first;
    b->message_count = count;
    return true;
}

sb_status sb_bind(struct builder *b)
{
    struct binder binder = {.b = b};
    if (b->status == SB_OK)
        (void)(prepare(&binder) && bind_check_attributes(&binder) && bind_module(&binder) &&
               bind_exceptions(&binder) && bind_classes(&binder) && bind_submodules(&binder) &&
               bind_enums(&binder) && bind_fields(&binder) && bind_functions(&binder) &&
               bind_check_classes(&binder) && bind_variables(&binder) && list_messages(&binder) &&
               bind_members(&binder));
    memory_free(binder.aliases);
    memory_free(binder.os_error_enums);
    memory_free(binder.os_errors);
    memory_free(binder.entries);
    bind_map_clear(&binder.children);
    bind_map_clear(&binder.exceptions);
    return b->status;
}
