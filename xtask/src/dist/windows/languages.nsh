; What the set-up program says beside what NSIS says by itself.

; The list of components has room for some forty letters; what there is to be said stands above it.
!ifdef WINDOW
LangString Programs ${LANG_ENGLISH} "Programs: window, tray, command line"
LangString Programs ${LANG_DUTCH} "Programma’s: venster, systeemvak, opdrachtregel"
LangString Programs ${LANG_GERMAN} "Programme: Fenster, Infobereich, Befehlszeile"
LangString Programs ${LANG_FRENCH} "Programmes : fenêtre, icône, ligne de commande"
!else
LangString Programs ${LANG_ENGLISH} "Programs: tray, command line"
LangString Programs ${LANG_DUTCH} "Programma’s: systeemvak, opdrachtregel"
LangString Programs ${LANG_GERMAN} "Programme: Infobereich, Befehlszeile"
LangString Programs ${LANG_FRENCH} "Programmes : icône, ligne de commande"
!endif

LangString Service ${LANG_ENGLISH} "Service"
LangString Service ${LANG_DUTCH} "Service"
LangString Service ${LANG_GERMAN} "Dienst"
LangString Service ${LANG_FRENCH} "Service"

LangString Choice ${LANG_ENGLISH} "With the service, mail is asked for from the start of this computer, also when nobody is logged on. Without it, only while Dequeue runs in the tray of somebody who is."
LangString Choice ${LANG_DUTCH} "Met de service wordt post opgevraagd zodra deze computer start, ook als niemand is aangemeld. Zonder de service alleen zolang Dequeue in het systeemvak staat van iemand die is aangemeld."
LangString Choice ${LANG_GERMAN} "Mit dem Dienst werden E-Mails ab dem Start dieses Computers angefordert, auch wenn niemand angemeldet ist. Ohne ihn nur, solange Dequeue im Infobereich eines angemeldeten Benutzers läuft."
LangString Choice ${LANG_FRENCH} "Avec le service, le courrier est demandé dès le démarrage de cet ordinateur, même sans session ouverte. Sans lui, seulement tant que l’icône de Dequeue est affichée dans une session ouverte."

LangString OpenNow ${LANG_ENGLISH} "Open Dequeue"
LangString OpenNow ${LANG_DUTCH} "Dequeue openen"
LangString OpenNow ${LANG_GERMAN} "Dequeue öffnen"
LangString OpenNow ${LANG_FRENCH} "Ouvrir Dequeue"

LangString NotAllDone ${LANG_ENGLISH} "The programs are installed, but one step did not work:"
LangString NotAllDone ${LANG_DUTCH} "De programma's zijn geïnstalleerd, maar één stap is niet gelukt:"
LangString NotAllDone ${LANG_GERMAN} "Die Programme sind installiert, aber ein Schritt ist fehlgeschlagen:"
LangString NotAllDone ${LANG_FRENCH} "Les programmes sont installés, mais une étape a échoué :"

LangString NoSuchFile ${LANG_ENGLISH} "The file that /SETTINGS= names does not exist:$\r$\n$Settings"
LangString NoSuchFile ${LANG_DUTCH} "Het bestand achter /SETTINGS= bestaat niet:$\r$\n$Settings"
LangString NoSuchFile ${LANG_GERMAN} "Die mit /SETTINGS= angegebene Datei ist nicht vorhanden:$\r$\n$Settings"
LangString NoSuchFile ${LANG_FRENCH} "Le fichier indiqué par /SETTINGS= n’existe pas :$\r$\n$Settings"

LangString AskPurge ${LANG_ENGLISH} "Remove the service’s settings, passwords and history as well?$\r$\n$\r$\nWith “No” they stay for a later installation."
LangString AskPurge ${LANG_DUTCH} "Ook de instellingen, wachtwoorden en geschiedenis van de service verwijderen?$\r$\n$\r$\nMet “Nee” blijven ze bewaard voor een volgende installatie."
LangString AskPurge ${LANG_GERMAN} "Auch die Einstellungen, Kennwörter und den Verlauf des Dienstes entfernen?$\r$\n$\r$\nMit „Nein“ bleiben sie für eine spätere Installation erhalten."
LangString AskPurge ${LANG_FRENCH} "Supprimer aussi les paramètres, les mots de passe et l’historique du service ?$\r$\n$\r$\nAvec « Non », ils sont conservés pour une installation ultérieure."

!ifdef WINDOWS_7
LangString TooOld ${LANG_ENGLISH} "Dequeue needs Windows 7 SP1 or Windows Server 2008 R2 SP1, or a later version."
LangString TooOld ${LANG_DUTCH} "Dequeue heeft Windows 7 SP1 of Windows Server 2008 R2 SP1 nodig, of nieuwer."
LangString TooOld ${LANG_GERMAN} "Dequeue benötigt Windows 7 SP1 oder Windows Server 2008 R2 SP1 oder eine neuere Version."
LangString TooOld ${LANG_FRENCH} "Dequeue nécessite Windows 7 SP1 ou Windows Server 2008 R2 SP1, ou une version ultérieure."
!else
LangString TooOld ${LANG_ENGLISH} "This set-up is for Windows 10 and Windows Server 2016 or later. For Windows 7 to 8.1 and Windows Server 2008 R2 to 2012 R2, take the one whose name ends in “windows7-setup.exe”."
LangString TooOld ${LANG_DUTCH} "Dit installatieprogramma is voor Windows 10 en Windows Server 2016 of nieuwer. Neem voor Windows 7 tot 8.1 en Windows Server 2008 R2 tot 2012 R2 het bestand waarvan de naam eindigt op “windows7-setup.exe”."
LangString TooOld ${LANG_GERMAN} "Dieses Setup ist für Windows 10 und Windows Server 2016 oder neuer. Verwenden Sie für Windows 7 bis 8.1 und Windows Server 2008 R2 bis 2012 R2 die Datei, deren Name auf „windows7-setup.exe“ endet."
LangString TooOld ${LANG_FRENCH} "Ce programme d’installation est destiné à Windows 10 et Windows Server 2016 ou ultérieur. Pour Windows 7 à 8.1 et Windows Server 2008 R2 à 2012 R2, prenez le fichier dont le nom se termine par « windows7-setup.exe »."
!endif
