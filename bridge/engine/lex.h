/* lex.h - tokens of a description. */
#ifndef SB_LEX_H
#define SB_LEX_H

#include "builder.h"

/* X(ID, "spelling"), the first spelling of an ID is the one that messages show. */
#define KEYWORDS(X)                                                           \
    X(ALIGNAS, "_Alignas")                                                    \
    X(ALIGNOF, "_Alignof")                                                    \
    X(ASM, "__asm__")                                                         \
    X(ATOMIC, "_Atomic")                                                      \
    X(ATTRIBUTE, "__attribute__")                                             \
    X(AUTO, "auto")                                                           \
    X(BOOL, "bool")                                                           \
    X(CALLING, "__cdecl")                                                     \
    X(CHAR, "char")                                                           \
    X(COMPLEX, "_Complex")                                                    \
    X(CONST, "const")                                                         \
    X(DECLSPEC, "__declspec")                                                 \
    X(DOUBLE, "double")                                                       \
    X(ENUM, "enum")                                                           \
    X(EXTENSION, "__extension__")                                             \
    X(EXTERN, "extern")                                                       \
    X(FALSE, "false")                                                         \
    X(FLOAT, "float")                                                         \
    X(FOREIGN, "_BitInt") /* a type of C that the engine does not have */     \
    X(INLINE, "inline")                                                       \
    X(INT, "int")                                                             \
    X(INT128, "__int128")                                                     \
    X(LONG, "long")                                                           \
    X(NORETURN, "_Noreturn")                                                  \
    X(NULL, "NULL")                                                           \
    X(OFFSETOF, "offsetof")                                                   \
    X(REGISTER, "register")                                                   \
    X(RESTRICT, "restrict")                                                   \
    X(SHORT, "short")                                                         \
    X(SIGNED, "signed")                                                       \
    X(SIZEOF, "sizeof")                                                       \
    X(STATEMENT, "return") /* C's other words: never part of a declaration */ \
    X(STATIC, "static")                                                       \
    X(STATIC_ASSERT, "_Static_assert")                                        \
    X(STRUCT, "struct")                                                       \
    X(THREAD, "_Thread_local")                                                \
    X(TRUE, "true")                                                           \
    X(TYPEDEF, "typedef")                                                     \
    X(TYPEOF, "typeof")                                                       \
    X(UNION, "union")                                                         \
    X(UNSIGNED, "unsigned")                                                   \
    X(VOID, "void")                                                           \
    X(VOLATILE, "volatile")

enum keyword {
    KEY_NONE = 0,
#define X(id, spelling) KEY_##id,
    KEYWORDS(X)
#undef X
};

/* X(ID, "spelling") of punctuators; longer ones are tried first by the lexer's switch. */
#define PUNCTUATORS(X)      \
    X(SEMICOLON, ";")       \
    X(COMMA, ",")           \
    X(COLON, ":")           \
    X(SCOPE, "::")          \
    X(QUESTION, "?")        \
    X(DOT, ".")             \
    X(ELLIPSIS, "...")      \
    X(LEFT_PAREN, "(")      \
    X(RIGHT_PAREN, ")")     \
    X(LEFT_BRACKET, "[")    \
    X(RIGHT_BRACKET, "]")   \
    X(LEFT_ATTRIBUTE, "[[") \
    X(LEFT_BRACE, "{")      \
    X(RIGHT_BRACE, "}")     \
    X(ASSIGN, "=")          \
    X(EQUAL, "==")          \
    X(NOT, "!")             \
    X(NOT_EQUAL, "!=")      \
    X(LESS, "<")            \
    X(LESS_EQUAL, "<=")     \
    X(SHIFT_LEFT, "<<")     \
    X(GREATER, ">")         \
    X(GREATER_EQUAL, ">=")  \
    X(SHIFT_RIGHT, ">>")    \
    X(PLUS, "+")            \
    X(MINUS, "-")           \
    X(ARROW, "->")          \
    X(STAR, "*")            \
    X(SLASH, "/")           \
    X(PERCENT, "%")         \
    X(AND, "&")             \
    X(AND_AND, "&&")        \
    X(OR, "|")              \
    X(OR_OR, "||")          \
    X(XOR, "^")             \
    X(TILDE, "~")

enum token_kind {
    TOKEN_END = 0,  /* of the text */
    TOKEN_LINE_END, /* of a #define */
    TOKEN_DEFINE,   /* "#define" */
    TOKEN_NAME,     /* identifier or keyword */
    TOKEN_NUMBER,   /* integer; character constants too */
    TOKEN_FLOAT,
    TOKEN_STRING,
#define X(id, spelling) TOKEN_##id,
    PUNCTUATORS(X)
#undef X
};

/* A part of the source. */
struct span {
    uint32_t start, end;
};

struct token {
    uint8_t kind;
    uint8_t keyword;   /* TOKEN_NAME: enum keyword */
    uint8_t primitive; /* TOKEN_NUMBER, TOKEN_FLOAT: sb_primitive of the constant */
    uint32_t name;     /* TOKEN_NAME: index in builder.names */
    uint32_t line, column;
    struct span text;     /* as written */
    struct span doc;      /* the comment before it; empty when start == end */
    struct span trailing; /* the comment that belongs to what ended before this token */
    uint32_t string_start, string_length; /* TOKEN_STRING: bytes in lexer.buffer */
    union {
        uint64_t bits;
        double number;
    } as;
};

/* Reads tokens from the builder's source. Lives during one parse, in one thread. The contents of
 * string tokens stay in `buffer` until lexer_drop_strings. */
struct lexer {
    struct builder *b;
    uint32_t at, line, line_start;
    uint32_t token_line; /* where the last token ended: decides which comments trail it */
    bool line_fresh;     /* nothing but white space so far on this line */
    bool in_define;      /* a newline is a token */
    struct token token;  /* the current one */
    char *buffer;        /* contents of string literals */
    uint32_t buffer_size, buffer_capacity;
    uint32_t pack, pack_depth; /* #pragma pack: 0 is none */
    uint32_t pack_stack[SB_MAX_NESTING];
};

sb_status lexer_init(struct lexer *lexer, struct builder *b);
void lexer_clear(struct lexer *lexer);
/* Reads the next token to lexer->token. */
sb_status lexer_next(struct lexer *lexer);
static inline void lexer_drop_strings(struct lexer *lexer)
{
    lexer->buffer_size = 0;
}
/* Skips the body of a function; the current token is its "{", afterwards the one behind "}". */
sb_status lexer_skip_body(struct lexer *lexer);
/* The text of a doc comment, cleaned of stars and indentation: 0 when empty, SB_NONE on failure. */
sb_text lexer_doc(struct lexer *lexer, struct span comment);
/* Writes what a message says of the current token: "'int'", "the end of the text". */
const char *lexer_found(const struct lexer *lexer, char buffer[64]);
const char *token_spelling(enum token_kind kind);
bool text_is_utf8(const char *bytes, size_t length);

#endif
