/* own_machine.h - what the headers of ELF files for this machine say. */
#ifndef SB_OWN_MACHINE_H
#define SB_OWN_MACHINE_H

#include <elf.h>
#include <stdint.h>

#if UINTPTR_MAX > UINT32_MAX
#define OWN_CLASS ELFCLASS64
#define OWN_BITS 64
#else
#define OWN_CLASS ELFCLASS32
#define OWN_BITS 32
#endif

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define OWN_BIG_ENDIAN true
#else
#define OWN_BIG_ENDIAN false
#endif

#if defined(__x86_64__)
#define OWN_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define OWN_MACHINE EM_AARCH64
#elif defined(__i386__)
#define OWN_MACHINE EM_386
#elif defined(__arm__)
#define OWN_MACHINE EM_ARM
#elif defined(__riscv)
#define OWN_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define OWN_MACHINE EM_PPC64
#elif defined(__s390x__)
#define OWN_MACHINE EM_S390
#else
#define OWN_MACHINE EM_NONE
#endif

#endif
