/* symbridge_description.h - a library that carries its description, from C or C++.
 *
 * In one source file of a shared library:
 *
 *     #include <symbridge_description.h>
 *     SYMBRIDGE_DESCRIPTION_FILE("core.bridge");
 *
 * or, for a few declarations,
 *
 *     SYMBRIDGE_DESCRIPTION("int add(int a, int b);");
 *
 * The text becomes an ELF note (owner "symbridge", type 1) in a read-only segment of the library: no
 * code, no relocation, no exported symbol. strip keeps it, and so do linkers with --gc-sections. Then
 * symbridge.load("libcore.so.1") needs nothing else, and other languages can read it from the file.
 *
 * This header needs no other one and nothing of symbridge at run time. It works with gcc and clang, in
 * C99 and later and in C++14 and later, for every machine with ELF; elsewhere the macros make nothing.
 *
 * The path in SYMBRIDGE_DESCRIPTION_FILE is a string literal, for the assembler: absolute, or relative
 * to the directory in which the compiler runs. Compilers do not list it as a dependency, so the build
 * has to. A macro will do: -DCORE_BRIDGE='"/path/to/core.bridge"'.
 *
 * An object in a static archive is only linked when something in it is needed; the linker option
 * "-u symbridge_description", or --whole-archive, asks for this one.
 *
 * What the text says is not checked against the library's headers, and there are no facts for load to
 * compare; the source that `symbridge embed --source` writes has both.
 */
#ifndef SYMBRIDGE_DESCRIPTION_H
#define SYMBRIDGE_DESCRIPTION_H

#if !defined(__ELF__)

#define SYMBRIDGE_DESCRIPTION_FILE(path) extern int symbridge_needs_elf
#define SYMBRIDGE_DESCRIPTION(text) extern int symbridge_needs_elf

#else

/* "%note" rather than "@note", which begins a comment on ARM. The symbol is weak, so that two libraries
 * that carry a description can be linked into one file. */
#define SYMBRIDGE_DESCRIPTION_FILE(path)                   \
    __asm__(".pushsection .note.symbridge,\"a\",%note\n"   \
            ".balign 4\n"                                  \
            ".weak symbridge_description\n"                \
            ".hidden symbridge_description\n"              \
            ".type symbridge_description,%object\n"        \
            "symbridge_description:\n"                     \
            ".long 10, 772f - 771f, 1\n"                   \
            ".ascii \"symbridge\\0\\0\\0\"\n"              \
            "771:\n"                                       \
            ".incbin \"" path "\"\n"                       \
            "772:\n"                                       \
            ".balign 4\n"                                  \
            ".size symbridge_description, . - symbridge_description\n" \
            ".popsection\n")

/* The section gets its type from its name. */
#define SYMBRIDGE_DESCRIPTION_SYMBOL __attribute__((weak, visibility("hidden")))
#define SYMBRIDGE_DESCRIPTION_NOTE \
    __attribute__((used, section(".note.symbridge"), aligned(4)))

#ifdef __cplusplus

/* C++ has no character array without its NUL, so the text is copied, by the compiler. */
template <unsigned Size> struct symbridge_description_note {
    unsigned owner_size, size, type;
    char owner[12];
    char text[(Size + 2) / 4 * 4];
    constexpr explicit symbridge_description_note(const char (&literal)[Size])
        : owner_size(10), size(Size - 1), type(1), owner("symbridge"), text()
    {
        static_assert(sizeof(unsigned) == 4, "notes are made of 32-bit words");
        for (unsigned i = 0; i < Size - 1; i++)
            text[i] = literal[i];
    }
};

#define SYMBRIDGE_DESCRIPTION(literal)                                                   \
    extern "C" SYMBRIDGE_DESCRIPTION_SYMBOL                                              \
    const symbridge_description_note<sizeof(literal)> symbridge_description;             \
    SYMBRIDGE_DESCRIPTION_NOTE                                                           \
    constexpr symbridge_description_note<sizeof(literal)> symbridge_description(literal)

#else

/* The array has no room for a NUL when the text ends on a word. */
#ifdef __has_attribute
#if __has_attribute(nonstring)
#define SYMBRIDGE_DESCRIPTION_BYTES __attribute__((nonstring))
#endif
#endif
#ifndef SYMBRIDGE_DESCRIPTION_BYTES
#define SYMBRIDGE_DESCRIPTION_BYTES
#endif

#define SYMBRIDGE_DESCRIPTION(literal)                                          \
    extern SYMBRIDGE_DESCRIPTION_SYMBOL const struct symbridge_description_note { \
        unsigned owner_size, size, type;                                        \
        char owner[12];                                                         \
        char text[(sizeof(literal) + 2) / 4 * 4] SYMBRIDGE_DESCRIPTION_BYTES;   \
    } symbridge_description;                                                    \
    SYMBRIDGE_DESCRIPTION_NOTE const struct symbridge_description_note          \
        symbridge_description = {10, sizeof(literal) - 1, 1, "symbridge", literal}

#endif
#endif
#endif
