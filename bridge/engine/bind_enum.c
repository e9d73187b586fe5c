/* bind_enum.c - exceptions, and enums: what their enumerators are called and what they mean. */
#include "bind.h"

#include <string.h>

/* ---- exceptions ------------------------------------------------------------------------------ */

/* Exceptions of Python that can be made from one text; the second column says OSError's family. */
static const struct {
    char name[28];
    bool is_os_error;
} standard[] = {
    {"ArithmeticError", false},
    {"AssertionError", false},
    {"AttributeError", false},
    {"BaseException", false},
    {"BlockingIOError", true},
    {"BrokenPipeError", true},
    {"BufferError", false},
    {"BytesWarning", false},
    {"ChildProcessError", true},
    {"ConnectionAbortedError", true},
    {"ConnectionError", true},
    {"ConnectionRefusedError", true},
    {"ConnectionResetError", true},
    {"DeprecationWarning", false},
    {"EOFError", false},
    {"EncodingWarning", false},
    {"EnvironmentError", true},
    {"Exception", false},
    {"FileExistsError", true},
    {"FileNotFoundError", true},
    {"FloatingPointError", false},
    {"FutureWarning", false},
    {"GeneratorExit", false},
    {"IOError", true},
    {"ImportError", false},
    {"ImportWarning", false},
    {"IndentationError", false},
    {"IndexError", false},
    {"InterruptedError", true},
    {"IsADirectoryError", true},
    {"KeyError", false},
    {"KeyboardInterrupt", false},
    {"LookupError", false},
    {"MemoryError", false},
    {"ModuleNotFoundError", false},
    {"NameError", false},
    {"NotADirectoryError", true},
    {"NotImplementedError", false},
    {"OSError", true},
    {"OverflowError", false},
    {"PendingDeprecationWarning", false},
    {"PermissionError", true},
    {"ProcessLookupError", true},
    {"RecursionError", false},
    {"ReferenceError", false},
    {"ResourceWarning", false},
    {"RuntimeError", false},
    {"RuntimeWarning", false},
    {"StopAsyncIteration", false},
    {"StopIteration", false},
    {"SyntaxError", false},
    {"SyntaxWarning", false},
    {"SystemError", false},
    {"SystemExit", false},
    {"TabError", false},
    {"TimeoutError", true},
    {"TypeError", false},
    {"UnboundLocalError", false},
    {"UnicodeError", false},
    {"UnicodeWarning", false},
    {"UserWarning", false},
    {"ValueError", false},
    {"Warning", false},
    {"ZeroDivisionError", false},
};

enum { STANDARD_COUNT = sizeof standard / sizeof *standard };

/* Index in `standard`, or STANDARD_COUNT. */
static size_t find_standard(const char *name)
{
    size_t low = 0, high = STANDARD_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, standard[middle].name);
        if (order == 0)
            return middle;
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return STANDARD_COUNT;
}

/* Enters an exception's row in the binder's tables. */
static bool note_exception(struct binder *binder, sb_text name, uint32_t index)
{
    const struct builder *b = binder->b;
    const sb_exception *row = &b->exceptions[index];
    void *memory = binder->os_errors;
    if (!bind_grow(binder, &memory, &binder->os_error_capacity, index, 1))
        return false;
    binder->os_errors = memory;
    size_t known = row->standard ? find_standard(builder_string(b, row->name)) : STANDARD_COUNT;
    binder->os_errors[index] = known < STANDARD_COUNT ? standard[known].is_os_error
                               : row->base != SB_NONE ? binder->os_errors[row->base]
                                                      : false;
    return bind_map_put(binder, &binder->exceptions, name, index);
}

uint32_t bind_standard_exception(struct binder *binder, const char *name)
{
    sb_text text = builder_intern(binder->b, name, strlen(name));
    if (text == SB_NONE)
        return SB_NONE;
    uint32_t index = bind_map_find(&binder->exceptions, text);
    if (index != SB_NONE)
        return index;
    sb_exception row = {.name = text, .base = SB_NONE, .standard = true};
    index = builder_add_exception(binder->b, &row);
    return index != SB_NONE && note_exception(binder, text, index) ? index : SB_NONE;
}

uint32_t bind_exception(struct binder *binder, const sb_attribute *attribute, unsigned argument)
{
    struct builder *b = binder->b;
    sb_text name = bind_identifier(bind_argument(binder, attribute, argument));
    uint32_t index = bind_map_find(&binder->exceptions, name);
    if (index != SB_NONE)
        return index;
    const char *bytes = builder_string(b, name);
    size_t known = find_standard(bytes);
    if (known < STANDARD_COUNT)
        return bind_standard_exception(binder, standard[known].name);
    const char *near = NULL;
    unsigned best = 2;
    for (size_t i = 0; i < STANDARD_COUNT; i++) {
        unsigned distance =
            edit_distance(bytes, strlen(bytes), standard[i].name, strlen(standard[i].name), best);
        if (distance <= best) {
            best = distance;
            near = standard[i].name;
        }
    }
    (void)bind_fail(
        binder, attribute->line, attribute->column,
        "[[%s]]: there is no standard exception '%.150s'%s%s%s; declare one of your own "
        "before with [[exception(%.100s)]];",
        bind_spelling(attribute->id), bytes, near != NULL ? " (did you mean " : "",
        near != NULL ? near : "", near != NULL ? "?)" : "", bytes);
    return SB_NONE;
}

static bool declare_exception(struct binder *binder, const sb_declaration *declaration,
                              const sb_attribute *attribute)
{
    struct builder *b = binder->b;
    sb_text name = bind_identifier(bind_argument(binder, attribute, 0));
    const char *bytes = builder_string(b, name);
    if (find_standard(bytes) < STANDARD_COUNT)
        return bind_fail(binder, attribute->line, attribute->column,
                         "%s is an exception of Python already: raise it without declaring it, or "
                         "choose another name",
                         bytes);
    if (bind_is_keyword(bytes, strlen(bytes)))
        return bind_fail(binder, attribute->line, attribute->column,
                         "'%s' is a keyword of Python and cannot be the name of an exception",
                         bytes);
    if (bind_map_find(&binder->exceptions, name) != SB_NONE)
        return bind_fail(binder, attribute->line, attribute->column,
                         "the exception '%.200s' is declared twice; remove one", bytes);
    uint32_t base = SB_NONE;
    if (attribute->argument_count > 1) {
        base = bind_exception(binder, attribute, 1);
        if (base == SB_NONE)
            return false;
        if (strcmp(builder_string(b, b->exceptions[base].name), "Exception") == 0)
            base = SB_NONE;
    }
    sb_exception row = {.name = name, .base = base, .doc = declaration->doc};
    uint32_t index = builder_add_exception(b, &row);
    return index != SB_NONE && note_exception(binder, name, index) &&
           bind_add_member(binder, 0, name, SB_MEMBER_EXCEPTION, index, SB_NONE, attribute->line,
                           attribute->column);
}

bool bind_exceptions(struct binder *binder)
{
    struct builder *b = binder->b;
    for (uint32_t i = 0; i < b->exception_count; i++) { /* of the base description */
        const char *name = builder_string(b, b->exceptions[i].name);
        sb_text text = builder_intern(b, name, strlen(name));
        if (text == SB_NONE || !note_exception(binder, text, i))
            return false;
    }
    if (bind_standard_exception(binder, "RuntimeError") == SB_NONE)
        return false;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++) {
        const sb_declaration *row = &b->declarations[i];
        if (row->kind != SB_DECL_FILE)
            continue;
        struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
        const sb_attribute *attribute = bind_attribute(&all, SB_ATTR_EXCEPTION);
        if (attribute != NULL && !declare_exception(binder, row, attribute))
            return false;
    }
    return true;
}

/* ---- enumerators ----------------------------------------------------------------------------- */

static bool has_upper(const char *name, const char *tag, size_t tag_length)
{
    for (size_t i = 0; i < tag_length; i++) {
        char upper = tag[i] >= 'a' && tag[i] <= 'z' ? (char)(tag[i] - 'a' + 'A') : tag[i];
        if (name[i] != upper)
            return false;
    }
    char after = name[tag_length] == '_' ? name[tag_length + 1] : '\0';
    return after != '\0' && !(after >= '0' && after <= '9');
}

/* Whether the name is as C has it: neither hidden nor named by an attribute. */
static bool is_plain(const struct binder *binder, const sb_enumerator *row)
{
    struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
    return !bind_has(&all, SB_ATTR_HIDDEN) && !bind_has(&all, SB_ATTR_NAME);
}

/* Bytes of "TAG_" that all plain enumerators begin with, or 0. */
static size_t common_tag(const struct binder *binder, const sb_type *type, sb_text tag)
{
    const struct builder *b = binder->b;
    const char *bytes = builder_string(b, tag);
    size_t whole = strlen(bytes);
    for (size_t less = 0; less <= 2; less += 2) {
        size_t length = whole - less;
        if (whole <= less ||
            (less == 2 && strcmp(bytes + length, "_t") != 0 && strcmp(bytes + length, "_e") != 0))
            break;
        bool all = true;
        for (uint32_t i = 0; i < type->count && all; i++) {
            const sb_enumerator *row = &b->enumerators[type->first + i];
            all = !is_plain(binder, row) || has_upper(builder_string(b, row->name), bytes, length);
        }
        if (all)
            return length + 1;
    }
    return 0;
}

static bool name_enumerators(struct binder *binder, sb_type_id id)
{
    struct builder *b = binder->b;
    sb_type type = b->types[id];
    size_t cut = type.name == 0 ? 0 : common_tag(binder, &type, type.name);
    if (cut == 0 && binder->aliases[id] != 0)
        cut = common_tag(binder, &type, binder->aliases[id]);
    bool mixed = cut == 0 && b->prefix != 0; /* two C names can have become one */
    for (uint32_t i = 0; i < type.count; i++) {
        sb_enumerator *row = &b->enumerators[type.first + i];
        struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
        const sb_attribute *given = bind_attribute(&all, SB_ATTR_NAME);
        sb_text name;
        if (bind_has(&all, SB_ATTR_HIDDEN))
            name = 0;
        else if (given != NULL) {
            name = bind_given_name(binder, given);
            mixed = true;
        } else if (cut > 0) {
            const char *bytes = builder_string(b, row->name) + cut;
            mixed = mixed || bind_is_keyword(bytes, strlen(bytes));
            name = bind_safe_name(binder, bytes, strlen(bytes));
        } else
            name = bind_short_name(binder, row->name, true);
        if (name == SB_NONE)
            return false;
        row->py_name = name;
    }
    struct bind_map seen = {.slots = 0};
    bool done = true;
    for (uint32_t i = 0; mixed && done && i < type.count; i++) {
        const sb_enumerator *row = &b->enumerators[type.first + i];
        if (row->py_name == 0)
            continue;
        uint32_t other = bind_map_find(&seen, row->py_name);
        if (other != SB_NONE)
            done = bind_fail(binder, row->line, row->column,
                             "%.100s and %.100s of one enum would both be called '%.100s'; give "
                             "one another name with [[name(\"...\")]]",
                             builder_string(b, b->enumerators[other].name),
                             builder_string(b, row->name), builder_string(b, row->py_name));
        else
            done = bind_map_put(binder, &seen, row->py_name, type.first + i);
    }
    bind_map_clear(&seen);
    return done;
}

static bool judge_enumerators(struct binder *binder, const sb_type *type, bool is_status,
                              uint32_t exception, bool *os_error)
{
    struct builder *b = binder->b;
    for (uint32_t i = 0; i < type->count; i++) {
        sb_enumerator *row = &b->enumerators[type->first + i];
        struct attributes all = bind_attributes(binder, row->first_attribute, row->attribute_count);
        const sb_attribute *raises = bind_attribute(&all, SB_ATTR_RAISES);
        const sb_attribute *ok = bind_attribute(&all, SB_ATTR_OK);
        const sb_attribute *stop = bind_attribute(&all, SB_ATTR_STOP);
        const sb_attribute *any = raises != NULL ? raises : ok != NULL ? ok : stop;
        if (any != NULL && !is_status)
            return bind_fail(binder, any->line, any->column,
                             "[[%s]] speaks of a status, but this enum is not marked [[status]]; "
                             "write enum [[status]] ...",
                             bind_spelling(any->id));
        row->exception = exception;
        row->outcome = SB_OUTCOME_RAISE;
        if (raises != NULL) {
            row->exception = bind_exception(binder, raises, 0);
            if (row->exception == SB_NONE)
                return false;
            *os_error = *os_error || binder->os_errors[row->exception] != 0;
        } else if (stop != NULL)
            row->outcome = SB_OUTCOME_STOP;
        else if (ok != NULL || row->value == 0)
            row->outcome = SB_OUTCOME_OK;
    }
    /* Values that no enumerator speaks of raise the enum's exception. */
    *os_error = *os_error || binder->os_errors[exception] != 0;
    return true;
}

/* Enumerators of an unnamed enum are constants of their scope. */
static bool place_constants(struct binder *binder, uint32_t declaration, const sb_type *type)
{
    struct builder *b = binder->b;
    for (uint32_t i = 0; i < type->count; i++) {
        sb_enumerator row = b->enumerators[type->first + i];
        struct attributes all = bind_attributes(binder, row.first_attribute, row.attribute_count);
        if (bind_has(&all, SB_ATTR_HIDDEN))
            continue;
        const sb_attribute *given = bind_attribute(&all, SB_ATTR_NAME);
        struct bind_path path = {.scope = 0};
        if (given != NULL) {
            if (!bind_resolve_path(binder, given, &path))
                return false;
        } else
            path.name = bind_short_name(binder, row.name, true);
        if (path.name == SB_NONE)
            return false;
        b->enumerators[type->first + i].py_name = path.name;
        if (!bind_add_member(binder, path.scope, path.name, SB_MEMBER_CONSTANT, declaration,
                             type->first + i, row.line, row.column))
            return false;
    }
    return true;
}

static bool bind_one_enum(struct binder *binder, uint32_t declaration)
{
    struct builder *b = binder->b;
    sb_declaration row = b->declarations[declaration];
    sb_type type = b->types[row.type];
    struct attributes all = bind_attributes(binder, row.first_attribute, row.attribute_count);
    const sb_attribute *status = bind_attribute(&all, SB_ATTR_STATUS);
    bool hidden = bind_has(&all, SB_ATTR_HIDDEN);
    uint32_t exception = 0;
    bool os_error = false;
    if (status != NULL && status->argument_count > 0)
        exception = bind_exception(binder, status, 0);
    if (exception == SB_NONE ||
        !judge_enumerators(binder, &type, status != NULL, exception, &os_error))
        return false;
    if (type.name == 0) {
        if (all.count > 0 && !hidden)
            return bind_fail(binder, all.rows->line, all.rows->column,
                             "[[%s]] needs an enum with a name; this one only makes constants",
                             bind_spelling(all.rows->id));
        return hidden || place_constants(binder, declaration, &type);
    }
    if (!name_enumerators(binder, row.type))
        return false;
    const sb_attribute *given = bind_attribute(&all, SB_ATTR_NAME);
    struct bind_path path = {.scope = 0};
    if (given != NULL) {
        if (!bind_resolve_path(binder, given, &path))
            return false;
    } else
        path.name = bind_tag_name(binder, row.type, "enum_");
    if (path.name == SB_NONE)
        return false;
    sb_enum made = {
        .type = row.type,
        .name = path.name,
        .scope = path.scope,
        .exception = exception,
        .is_status = status != NULL,
        .is_flags = bind_has(&all, SB_ATTR_FLAGS),
        .hidden = hidden,
    };
    uint32_t index = builder_add_enum(b, &made);
    if (index == SB_NONE)
        return false;
    b->types[row.type].binding = index;
    binder->os_error_enums[index] = os_error;
    return hidden || bind_add_member(binder, path.scope, path.name, SB_MEMBER_ENUM, index, SB_NONE,
                                     row.line, row.column);
}

bool bind_enums(struct binder *binder)
{
    struct builder *b = binder->b;
    uint32_t most = b->enum_count;
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++)
        most += b->declarations[i].kind == SB_DECL_ENUM;
    if (most == 0)
        return true;
    binder->os_error_enums = memory_resize(NULL, most);
    if (binder->os_error_enums == NULL) {
        builder_no_memory(b);
        return false;
    }
    for (uint32_t i = 0; i < b->enum_count; i++) { /* of the base description */
        const sb_type *type = &b->types[b->enums[i].type];
        bool os_error = binder->os_errors[b->enums[i].exception] != 0;
        for (uint32_t k = 0; k < type->count; k++) {
            const sb_enumerator *row = &b->enumerators[type->first + k];
            os_error = os_error ||
                       (row->outcome == SB_OUTCOME_RAISE && binder->os_errors[row->exception] != 0);
        }
        binder->os_error_enums[i] = os_error;
    }
    for (uint32_t i = binder->old_declarations; i < b->declaration_count; i++) {
        const sb_declaration *row = &b->declarations[i];
        if (row->kind == SB_DECL_ENUM && b->types[row->type].binding == SB_NONE &&
            !bind_one_enum(binder, i))
            return false;
    }
    return true;
}
