; The set-up program for Windows, made by `cargo xtask dist windows`; docs/packages.md says what it
; takes on its command line. It is given:
;   PROGRAMS    the folder of the programs, stripped and signed
;   ICONS       the folder icons/ of the checkout
;   OUT         the file to be made
;   VERSION     as 1.2.3, and VERSION4 as 1.2.3.0
;   COMPRESSOR  lzma or zlib
;   WINDOW      defined where the window comes along
;   WINDOWS_7   defined where the programs are those for Windows 7
;   SIGN        defined where the uninstaller is signed, by the shell script in DEQUEUE_SIGN_SCRIPT

Unicode true
Target amd64-unicode
!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include Win\COM.nsh
!include Win\Propkey.nsh

Name "Dequeue"
BrandingText "Dequeue ${VERSION}"
OutFile "${OUT}"
InstallDir "$PROGRAMFILES64\Dequeue"
InstallDirRegKey HKLM "Software\Dequeue" "InstallDir"
RequestExecutionLevel admin
SetCompressor /SOLID ${COMPRESSOR}
ManifestSupportedOS all
ManifestDPIAware true
ManifestLongPathAware true
VIProductVersion "${VERSION4}"
VIAddVersionKey /LANG=0 "ProductName" "Dequeue"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileDescription" "Dequeue set-up"
VIAddVersionKey /LANG=0 "CompanyName" "The Dequeue developers"
VIAddVersionKey /LANG=0 "LegalCopyright" "MIT or Apache-2.0"
!ifdef SIGN
  ; No backslash in it, which would become a slash; and without the comparison a failure would not count.
  !uninstfinalize 'sh -c "$DEQUEUE_SIGN_SCRIPT" sh "%1"' = 0
!endif

; In which Windows lists programs.
!define LISTED "Software\Microsoft\Windows\CurrentVersion\Uninstall\Dequeue"
!define OURS "Software\Dequeue"
!define AT_LOGIN "Software\Microsoft\Windows\CurrentVersion\Run"
; The name by which Windows knows whose windows and notifications they are; the programs say the same.
!define APP_ID "Dequeue.Tray"
!define APP_IDS "Software\Classes\AppUserModelId"
!define APP_PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"
!define MISUSE 64
; ERROR_OLD_WIN_VERSION.
!define OLD_WINDOWS 1150

!define MUI_ICON "${ICONS}/icon.ico"
!define MUI_UNICON "${ICONS}/icon.ico"
!define MUI_WELCOMEFINISHPAGE_BITMAP "${ICONS}/setup.bmp"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_COMPONENTSPAGE_TEXT_TOP "$(Choice)"
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN
!define MUI_FINISHPAGE_RUN_FUNCTION StartTray
!define MUI_FINISHPAGE_RUN_TEXT "$(OpenNow)"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
; The first one is for all whose language is not here.
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "Dutch"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "French"
!include languages.nsh

; What is on the command line after /SETTINGS=, as a whole path; empty without.
Var Settings
; Whether a tray ran here when we came: then one is started in the end.
Var TrayRan
; What a run of dequeue.exe gave.
Var Status
Var Said
; Of the uninstaller: whether the settings go, too.
Var Purge

; ---- What both do

; Runs dequeue.exe with these arguments; its status is in $Status, its words in $Said.
!macro Dequeue ARGUMENTS
  nsExec::ExecToStack '"$INSTDIR\dequeue.exe" ${ARGUMENTS}'
  Pop $Status
  Pop $Said
  ; It was taken for text in the code page of this Windows, and is UTF-8.
  StrCpy $R9 $Said
  System::Alloc 4096
  Pop $1
  System::Call 'kernel32::WideCharToMultiByte(i 0, i 0, w R9, i -1, p r1, i 4096, p 0, p 0)'
  System::Call 'kernel32::MultiByteToWideChar(i 65001, i 0, p r1, i -1, w .R9, i ${NSIS_MAX_STRLEN})'
  System::Free $1
  StrCpy $Said $R9
  DetailPrint `dequeue ${ARGUMENTS}: $Status`
  ${If} $Said != ""
    DetailPrint $Said
  ${EndIf}
!macroend

; Asks the tray to end, so that it keeps what it is doing and leaves its files.
!macro EndPrograms
  StrCpy $TrayRan no
  ; The class of the window by which it hears of the session (message_window.rs).
  FindWindow $0 "DequeueTray"
  ${If} $0 <> 0
    StrCpy $TrayRan yes
  ${EndIf}
  ${If} ${FileExists} "$INSTDIR\dequeue-tray.exe"
    nsExec::Exec '"$INSTDIR\dequeue-tray.exe" --quit'
    Pop $Status
  ${EndIf}
!macroend

; Makes room for a program. One that runs all the same (another user's tray) cannot be overwritten,
; but it can be renamed; it goes when Windows starts next.
!macro Clear FILE
  Delete "$INSTDIR\${FILE}.old"
  ClearErrors
  Delete "$INSTDIR\${FILE}"
  ${If} ${Errors}
    Rename "$INSTDIR\${FILE}" "$INSTDIR\${FILE}.old"
    Delete /REBOOTOK "$INSTDIR\${FILE}.old"
    SetRebootFlag false
  ${EndIf}
!macroend

!macro Put FILE
  !insertmacro Clear "${FILE}"
  File "${PROGRAMS}/${FILE}"
!macroend

; ---- Installing

; Shows a fault, or, where nobody looks, leaves it in a file; the set-up ends with its status.
Function Tell
  SetErrorLevel $Status
  FileOpen $0 "$INSTDIR\setup.log" a
  FileSeek $0 0 END $1
  ${If} $1 = 0
    FileWriteWord $0 0xFEFF
  ${EndIf}
  FileWriteUTF16LE $0 "$Said$\r$\n"
  FileClose $0
  MessageBox MB_OK|MB_ICONEXCLAMATION "$(NotAllDone)$\r$\n$\r$\n$Said" /SD IDOK
FunctionEnd

; By way of the explorer, which has the rights of the user and not those that we were given.
Function StartTray
  Exec '"$WINDIR\explorer.exe" "$INSTDIR\dequeue-tray.exe"'
FunctionEnd

; Gives the shortcut whose path is on the stack our AppUserModelID, without which Windows shows its
; windows as somebody else's.
Function Name
  Pop $R0
  !insertmacro ComHlpr_CreateInProcInstance ${CLSID_ShellLink} ${IID_IShellLink} r0 ""
  ${If} $0 P<> 0
    ${IUnknown::QueryInterface} $0 '("${IID_IPersistFile}",.r1)'
    ${IUnknown::QueryInterface} $0 '("${IID_IPropertyStore}",.r2)'
    ${If} $1 P<> 0
    ${AndIf} $2 P<> 0
      ${IPersistFile::Load} $1 '(R0, ${STGM_READWRITE})'
      System::Call 'oleaut32::SysAllocString(w "${APP_ID}") p.r3'
      System::Call '*${SYSSTRUCT_PROPERTYKEY}(${PKEY_AppUserModel_ID})p.r4'
      System::Call '*${SYSSTRUCT_PROPVARIANT}(${VT_BSTR},,p r3)p.r5'
      ${IPropertyStore::SetValue} $2 '(r4,r5)'
      ${IPropertyStore::Commit} $2 ""
      ${IPersistFile::Save} $1 '(R0,1)'
      System::Call 'oleaut32::SysFreeString(p r3)'
      System::Free $4
      System::Free $5
    ${EndIf}
    ${If} $2 P<> 0
      ${IUnknown::Release} $2 ""
    ${EndIf}
    ${If} $1 P<> 0
      ${IUnknown::Release} $1 ""
    ${EndIf}
    ${IUnknown::Release} $0 ""
  ${EndIf}
FunctionEnd

Section "$(Programs)"
  SectionIn RO
  SetShellVarContext all
  !insertmacro EndPrograms
  ${If} ${FileExists} "$INSTDIR\dequeue.exe"
    ; Where there is no service, this says so, and that is well.
    !insertmacro Dequeue "service stop"
  ${EndIf}
  SetOutPath $INSTDIR
  Delete "$INSTDIR\setup.log"
  !insertmacro Put "dequeue.exe"
  !insertmacro Put "dequeue-tray.exe"
  !ifdef WINDOW
    !insertmacro Put "dequeue-window.exe"
    !insertmacro Put "WebView2Loader.dll"
  !endif
  File "${PROGRAMS}/THIRD-PARTY.txt"
  File "${ICONS}/icon.ico"
  File "${ICONS}/icon.png"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateShortcut "$SMPROGRAMS\Dequeue.lnk" "$INSTDIR\dequeue-tray.exe" "" "$INSTDIR\icon.ico"
  Push "$SMPROGRAMS\Dequeue.lnk"
  Call Name
  WriteRegStr HKLM "${APP_IDS}\${APP_ID}" "DisplayName" "Dequeue"
  WriteRegStr HKLM "${APP_IDS}\${APP_ID}" "IconUri" "$INSTDIR\icon.png"
  ; So that `dequeue` is found by “Run” and by what starts programs as it does.
  WriteRegStr HKLM "${APP_PATHS}\dequeue.exe" "" "$INSTDIR\dequeue.exe"

  WriteRegStr HKLM "${OURS}" "InstallDir" "$INSTDIR"
  WriteRegStr HKLM "${LISTED}" "DisplayName" "Dequeue"
  WriteRegStr HKLM "${LISTED}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKLM "${LISTED}" "Publisher" "The Dequeue developers"
  WriteRegStr HKLM "${LISTED}" "DisplayIcon" "$INSTDIR\icon.ico"
  WriteRegStr HKLM "${LISTED}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKLM "${LISTED}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKLM "${LISTED}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKLM "${LISTED}" "NoModify" 1
  ; Repairing is running this set-up again.
  WriteRegDWORD HKLM "${LISTED}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKLM "${LISTED}" "EstimatedSize" $0
SectionEnd

Section "$(Service)" SectionService
  !insertmacro Dequeue "service install"
  ${If} $Status == 0
    !insertmacro Dequeue "service start"
  ${EndIf}
  ${If} $Status != 0
    Call Tell
  ${EndIf}
SectionEnd

; After the service, so that they become the service's.
Section
  WriteRegStr HKLM "${OURS}" "Service" no
  ${If} ${SectionIsSelected} ${SectionService}
    WriteRegStr HKLM "${OURS}" "Service" yes
  ${EndIf}
  ${If} $Settings != ""
    !insertmacro Dequeue 'settings import "$Settings" --replace --allow-commands'
    ${If} $Status != 0
      Call Tell
    ${EndIf}
  ${EndIf}
  ${If} $TrayRan == yes
    Call StartTray
  ${EndIf}
SectionEnd

; Reads `"/SETTINGS=C:\my file.toml"` from $R0, as PowerShell passes on what has a blank in it: with the
; quotation marks around it all, which GetOptions does not understand. Sets the error flag without.
Function QuotedSettings
  StrCpy $1 -1
  ${Do}
    IntOp $1 $1 + 1
    StrCpy $2 $R0 11 $1
    ${If} $2 == ""
      SetErrors
      Return
    ${EndIf}
  ${LoopUntil} $2 == `"/SETTINGS=`
  IntOp $1 $1 + 11
  StrCpy $Settings $R0 "" $1
  StrCpy $1 -1
  ${Do}
    IntOp $1 $1 + 1
    StrCpy $2 $Settings 1 $1
    ${If} $2 == `"`
    ${OrIf} $2 == ""
      ${ExitDo}
    ${EndIf}
  ${Loop}
  StrCpy $Settings $Settings $1
  ClearErrors
FunctionEnd

Function .onInit
  SetShellVarContext all
  !ifdef WINDOWS_7
    ${IfNot} ${AtLeastWin7}
  !else
    ${IfNot} ${AtLeastWin10}
  !endif
    MessageBox MB_OK|MB_ICONSTOP "$(TooOld)" /SD IDOK
    SetErrorLevel ${OLD_WINDOWS}
    Quit
  ${EndIf}

  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/SETTINGS=" $Settings
  ${If} ${Errors}
    Call QuotedSettings
  ${EndIf}
  ${IfNot} ${Errors}
    GetFullPathName $R1 $Settings
    ${If} $R1 == ""
    ${OrIfNot} ${FileExists} $R1
      MessageBox MB_OK|MB_ICONSTOP "$(NoSuchFile)" /SD IDOK
      SetErrorLevel ${MISUSE}
      Quit
    ${EndIf}
    StrCpy $Settings $R1
  ${EndIf}

  ; As last time, unless the command line says otherwise.
  ReadRegStr $R1 HKLM "${OURS}" "Service"
  ClearErrors
  ${GetOptions} $R0 "/SERVICE=" $R2
  ${IfNot} ${Errors}
    StrCpy $R1 $R2
  ${EndIf}
  ${If} $R1 == no
    !insertmacro UnselectSection ${SectionService}
  ${EndIf}
FunctionEnd

; ---- Uninstalling

Section Uninstall
  SetShellVarContext all
  !insertmacro EndPrograms
  ${If} ${FileExists} "$INSTDIR\dequeue.exe"
    !insertmacro Dequeue "service uninstall"
    ${If} $Status != 0
      SetErrorLevel $Status
    ${EndIf}
  ${EndIf}

  DeleteRegValue HKCU "${AT_LOGIN}" "Dequeue"
  DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run" "Dequeue"
  DeleteRegKey HKCU "${APP_IDS}\${APP_ID}"
  DeleteRegKey HKLM "${APP_IDS}\${APP_ID}"
  DeleteRegKey HKLM "${APP_PATHS}\dequeue.exe"
  DeleteRegKey HKLM "${LISTED}"
  DeleteRegKey HKLM "${OURS}"

  ${If} $Purge == yes
    RMDir /r "$APPDATA\Dequeue"
  ${EndIf}
  Delete "$SMPROGRAMS\Dequeue.lnk"
  !insertmacro Clear "dequeue.exe"
  !insertmacro Clear "dequeue-tray.exe"
  !insertmacro Clear "dequeue-window.exe"
  !insertmacro Clear "WebView2Loader.dll"
  Delete "$INSTDIR\THIRD-PARTY.txt"
  Delete "$INSTDIR\icon.ico"
  Delete "$INSTDIR\icon.png"
  Delete "$INSTDIR\setup.log"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
SectionEnd

Function un.onInit
  SetShellVarContext all
  StrCpy $Purge no
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/PURGE" $R1
  ${IfNot} ${Errors}
    StrCpy $Purge yes
  ${ElseIf} ${FileExists} "$APPDATA\Dequeue\*"
    MessageBox MB_YESNO|MB_ICONQUESTION|MB_DEFBUTTON2 "$(AskPurge)" /SD IDNO IDNO keep
    StrCpy $Purge yes
    keep:
  ${EndIf}
FunctionEnd
