/* attributes.h - the one table of the description language's attributes.
 *
 * A row is X(ID, "spelling", PLACES, least, most): where the attribute may stand and how many
 * arguments it takes (SB_ANY: any number). Parser, semantic check, documentation and tests are all
 * driven by this table; what an attribute means is decided in bind.c and nowhere else.
 *
 * Places:
 *   SB_AT_FILE        [[library("libcore.so.1")]];            a declaration of attributes alone
 *   SB_AT_RECORD      struct [[hashable]] p { ... };          struct, union, or typedef of one
 *   SB_AT_ENUM        enum [[status]] e { ... };
 *   SB_AT_ENUMERATOR  CORE_INVALID [[raises(ValueError)]]
 *   SB_AT_FIELD       uint32_t x [[readonly]];
 *   SB_AT_FUNCTION    [[quick]] int f(void);
 *   SB_AT_PARAMETER   int *n [[out]]
 *   SB_AT_VARIABLE    [[readonly]] extern int v;
 *   SB_AT_CONSTANT    #define N 3 [[name("Point.SIDES")]]     macro constants
 */
#ifndef SB_ATTRIBUTES_H
#define SB_ATTRIBUTES_H

enum sb_place {
    SB_AT_FILE = 1 << 0,
    SB_AT_RECORD = 1 << 1,
    SB_AT_ENUM = 1 << 2,
    SB_AT_ENUMERATOR = 1 << 3,
    SB_AT_FIELD = 1 << 4,
    SB_AT_FUNCTION = 1 << 5,
    SB_AT_PARAMETER = 1 << 6,
    SB_AT_VARIABLE = 1 << 7,
    SB_AT_CONSTANT = 1 << 8
};

#define SB_ANY 255

#define SB_AT_NAMED                                                                             \
    (SB_AT_RECORD | SB_AT_ENUM | SB_AT_ENUMERATOR | SB_AT_FIELD | SB_AT_FUNCTION |              \
     SB_AT_PARAMETER | SB_AT_VARIABLE | SB_AT_CONSTANT)

#define SB_ATTRIBUTES(X)                                                                        \
    /* the module */                                                                            \
    X(LIBRARY, "library", SB_AT_FILE, 1, 1)                                                     \
    X(MODULE, "module", SB_AT_FILE, 1, 1)                                                       \
    X(SUBMODULE, "submodule", SB_AT_FILE, 1, 1)                                                 \
    X(PREFIX, "prefix", SB_AT_FILE, 1, 1)                                                       \
    X(EXCEPTION, "exception", SB_AT_FILE, 1, 2)                                                 \
    /* names and availability */                                                                \
    X(NAME, "name", SB_AT_NAMED, 1, 1)                                                          \
    X(HIDDEN, "hidden", SB_AT_NAMED, 0, 0)                                                      \
    X(OPTIONAL, "optional", SB_AT_FUNCTION | SB_AT_VARIABLE, 0, 0)                              \
    X(SINCE, "since", SB_AT_FUNCTION | SB_AT_VARIABLE, 1, 1)                                    \
    X(VERSION, "version", SB_AT_FUNCTION | SB_AT_VARIABLE, 1, 1)                                \
    /* classes */                                                                               \
    X(CLASS, "class", SB_AT_RECORD, 1, 1)                                                       \
    X(ADAPT, "adapt", SB_AT_RECORD, 1, SB_ANY)                                                  \
    X(HASHABLE, "hashable", SB_AT_RECORD, 0, 0)                                                 \
    X(ORDERED, "ordered", SB_AT_RECORD, 0, 0)                                                   \
    X(READONLY, "readonly", SB_AT_RECORD | SB_AT_FIELD | SB_AT_VARIABLE, 0, 0)                  \
    X(BASE, "base", SB_AT_FIELD, 0, 0)                                                          \
    X(METHOD, "method", SB_AT_FUNCTION, 0, 0)                                                   \
    X(CLASS_METHOD, "class_method", SB_AT_FUNCTION, 0, 0)                                       \
    X(CONSTRUCTOR, "constructor", SB_AT_FUNCTION, 0, 0)                                         \
    X(DESTRUCTOR, "destructor", SB_AT_FUNCTION, 0, 0)                                           \
    X(GETTER, "getter", SB_AT_FUNCTION, 0, 1)                                                   \
    X(SETTER, "setter", SB_AT_FUNCTION, 0, 1)                                                   \
    X(ITERNEXT, "iternext", SB_AT_FUNCTION, 0, 0)                                               \
    X(ITER, "iter", SB_AT_FUNCTION, 0, 0)                                                       \
    X(LENGTH, "length", SB_AT_FUNCTION, 0, 0)                                                   \
    X(GETITEM, "getitem", SB_AT_FUNCTION, 0, 0)                                                 \
    X(SETITEM, "setitem", SB_AT_FUNCTION, 0, 0)                                                 \
    X(DELITEM, "delitem", SB_AT_FUNCTION, 0, 0)                                                 \
    X(CONTAINS, "contains", SB_AT_FUNCTION, 0, 0)                                               \
    X(BUFFER, "buffer", SB_AT_FUNCTION, 0, 0)                                                   \
    X(CALL, "call", SB_AT_FUNCTION, 0, 0)                                                       \
    X(HASH, "hash", SB_AT_FUNCTION, 0, 0)                                                       \
    X(EQUAL, "equal", SB_AT_FUNCTION, 0, 0)                                                     \
    X(COMPARE, "compare", SB_AT_FUNCTION, 0, 0)                                                 \
    X(OPERATOR, "operator", SB_AT_FUNCTION, 1, 1)                                               \
    X(STR, "str", SB_AT_FUNCTION, 0, 0)                                                         \
    X(REPR, "repr", SB_AT_FUNCTION, 0, 0)                                                       \
    X(ENTER, "enter", SB_AT_FUNCTION, 0, 0)                                                     \
    X(EXIT, "exit", SB_AT_FUNCTION, 0, 0)                                                       \
    /* enumerations and errors */                                                               \
    X(FLAGS, "flags", SB_AT_ENUM, 0, 0)                                                         \
    X(STATUS, "status", SB_AT_ENUM, 0, 1)                                                       \
    X(RAISES, "raises", SB_AT_ENUMERATOR, 1, 1)                                                 \
    X(OK, "ok", SB_AT_ENUMERATOR, 0, 0)                                                         \
    X(STOP, "stop", SB_AT_ENUMERATOR, 0, 0)                                                     \
    X(MESSAGE, "message", SB_AT_FUNCTION, 0, 0)                                                 \
    X(FAILS, "fails", SB_AT_FUNCTION, 1, 2)                                                     \
    X(RESULT, "result", SB_AT_FUNCTION, 1, 1)                                                   \
    X(FILENAME, "filename", SB_AT_PARAMETER, 0, 0)                                              \
    /* what a parameter, result or field is; on a function these speak of its result */         \
    X(IN, "in", SB_AT_PARAMETER, 0, 0)                                                          \
    X(OUT, "out", SB_AT_PARAMETER, 0, 0)                                                        \
    X(INOUT, "inout", SB_AT_PARAMETER, 0, 0)                                                    \
    X(ARRAY, "array", SB_AT_PARAMETER | SB_AT_FUNCTION | SB_AT_FIELD, 1, 2)                     \
    X(ZERO_TERMINATED, "zero_terminated", SB_AT_PARAMETER | SB_AT_FUNCTION, 0, 0)               \
    X(CAPACITY, "capacity", SB_AT_PARAMETER, 1, 1)                                              \
    X(GROW, "grow", SB_AT_PARAMETER, 0, 0)                                                      \
    X(DICT, "dict", SB_AT_PARAMETER, 1, 1)                                                      \
    X(STRING, "string", SB_AT_PARAMETER | SB_AT_FUNCTION | SB_AT_FIELD, 0, 2)                   \
    X(BYTES, "bytes", SB_AT_PARAMETER | SB_AT_FUNCTION | SB_AT_FIELD, 0, 0)                     \
    X(NULLABLE, "nullable", SB_AT_PARAMETER | SB_AT_FUNCTION | SB_AT_FIELD, 0, 0)               \
    X(DEFAULT, "default", SB_AT_PARAMETER, 1, 1)                                                \
    X(VALUE, "value", SB_AT_PARAMETER, 1, 1)                                                    \
    X(KEYWORD_ONLY, "keyword_only", SB_AT_PARAMETER, 0, 0)                                      \
    /* ownership */                                                                             \
    X(OWNED, "owned", SB_AT_PARAMETER | SB_AT_FUNCTION, 0, 1)                                   \
    X(KEEPS, "keeps", SB_AT_FUNCTION, 1, 1)                                                     \
    X(CONSUMED, "consumed", SB_AT_PARAMETER, 0, 0)                                              \
    /* callbacks */                                                                             \
    X(SCOPE, "scope", SB_AT_PARAMETER, 1, 1)                                                    \
    X(USER_DATA, "user_data", SB_AT_PARAMETER, 0, 1)                                            \
    X(DESTROY, "destroy", SB_AT_PARAMETER, 1, 1)                                                \
    X(HELD_BY, "held_by", SB_AT_PARAMETER, 1, 1)                                                \
    X(ON_ERROR, "on_error", SB_AT_PARAMETER, 1, 1)                                              \
    /* conduct */                                                                               \
    X(QUICK, "quick", SB_AT_FUNCTION, 0, 0)

#endif
