/* bcryptprimitives.dll for Wine 8, which lacks it. Rust's standard library takes its random
   numbers from the one function here, and no program of it starts without. */

#include <windows.h>
#include <bcrypt.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length);

BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T length)
{
    while (length > 0) {
        ULONG part = length > 0x10000000 ? 0x10000000 : (ULONG)length;
        if (!BCRYPT_SUCCESS(BCryptGenRandom(NULL, bytes, part, BCRYPT_USE_SYSTEM_PREFERRED_RNG)))
            return FALSE;
        bytes += part;
        length -= part;
    }
    return TRUE;
}
