/* Runs on the desktop of Windows and tells what is to be seen there, or what is said to all windows.
 *
 *   look windows          each window that can be seen: class, left, top, right, bottom, texts
 *   look take-icon        takes the tray's icon from the taskbar, as one that has crashed does
 *   look taskbar-created  tells all windows that there is a new taskbar
 *   look close CLASS      asks the window of this class to close
 *   look click-balloon    tells the tray of a click on its balloon, which Wine's explorer does not tell of
 */
#include <windows.h>
#include <shellapi.h>
#include <stdio.h>

/* The message that the tray has its icon tell it by, and the icon's number. */
#define WM_ICON (WM_APP + 1)
#define ICON 1

static void print(const wchar_t *text)
{
    char octets[4096];
    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, octets, sizeof octets, NULL, NULL))
        octets[0] = 0;
    for (char *c = octets; *c; c++)
        if (*c == '\n' || *c == '\r' || *c == '\t')
            *c = ' ';
    printf("\t%s", octets);
}

static void print_text(HWND window)
{
    wchar_t text[4096];
    DWORD_PTR length = 0;
    /* One that is at work is not waited for. */
    if (SendMessageTimeoutW(window, WM_GETTEXT, 4096, (LPARAM)text, SMTO_ABORTIFHUNG, 1000, &length) && length)
        print(text);
}

static BOOL CALLBACK child(HWND window, LPARAM unused)
{
    (void)unused;
    print_text(window);
    return TRUE;
}

static BOOL CALLBACK top(HWND window, LPARAM unused)
{
    wchar_t class[256];
    RECT place;
    (void)unused;
    if (!IsWindowVisible(window) || !GetClassNameW(window, class, 256) || !GetWindowRect(window, &place))
        return TRUE;
    print(class);
    printf("\t%ld\t%ld\t%ld\t%ld", place.left, place.top, place.right, place.bottom);
    print_text(window);
    EnumChildWindows(window, child, 0);
    printf("\n");
    return TRUE;
}

int wmain(int count, wchar_t **words)
{
    if (count == 2 && !wcscmp(words[1], L"windows"))
        return !EnumWindows(top, 0);
    if (count == 2 && !wcscmp(words[1], L"take-icon")) {
        NOTIFYICONDATAW icon = { .cbSize = sizeof icon, .uID = ICON };
        icon.hWnd = FindWindowW(L"DequeueTray", NULL);
        return !Shell_NotifyIconW(NIM_DELETE, &icon);
    }
    if (count == 2 && !wcscmp(words[1], L"taskbar-created"))
        return !PostMessageW(HWND_BROADCAST, RegisterWindowMessageW(L"TaskbarCreated"), 0, 0);
    if (count == 2 && !wcscmp(words[1], L"click-balloon"))
        return !PostMessageW(FindWindowW(L"DequeueTray", NULL), WM_ICON, 0, NIN_BALLOONUSERCLICK);
    if (count == 3 && !wcscmp(words[1], L"close"))
        return !PostMessageW(FindWindowW(words[2], NULL), WM_CLOSE, 0, 0);
    return 64;
}
