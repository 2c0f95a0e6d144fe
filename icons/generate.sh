#!/bin/sh
# Draws every icon anew from the two sources beside it, dequeue.svg (the program) and tray.svg (the
# states of the tray). What it makes is committed, so that no build needs these tools:
#   apt-get install --no-install-recommends librsvg2-bin icoutils icnsutils imagemagick
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The program: Linux and Tauri.
app() { rsvg-convert --width "$1" --height "$1" dequeue.svg --output "$2"; }
app 32 32x32.png
app 128 128x128.png
app 256 128x128@2x.png
app 512 icon.png

# Windows.
for size in 16 20 24 32 48 256; do app $size "$work/$size.png"; done
icotool --create --output=icon.ico --raw="$work/256.png" \
    "$work/16.png" "$work/20.png" "$work/24.png" "$work/32.png" "$work/48.png"

# What stands beside the last page of Windows' set-up: the letter, on ground of the tile's colour.
width=164 height=314 ground='<rect x="-64" y="-340" width="640" height="1226" fill="url(#tile)"/>'
sed -e "s|<rect width=\"512\" height=\"512\" rx=\"112\" .*|$ground|" \
    -e 's/viewBox="0 0 512 512"/viewBox="-64 -340 640 1226"/' dequeue.svg |
    rsvg-convert --width $width --height $height --output "$work/setup.png"
convert "$work/setup.png" -background white -alpha remove -colors 256 -type Palette -compress none \
    BMP3:setup.bmp

# macOS wants air around its icons: 824 of 1024 points.
for size in 16 32 128 256 512; do
    inner=$((size * 824 / 1024)); edge=$(((size - inner) / 2))
    rsvg-convert --width $((size - 2 * edge)) --height $((size - 2 * edge)) \
        --page-width $size --page-height $size --top $edge --left $edge \
        dequeue.svg --output "$work/mac-$size.png"
done
png2icns icon.icns "$work"/mac-16.png "$work"/mac-32.png "$work"/mac-128.png \
    "$work"/mac-256.png "$work"/mac-512.png >/dev/null

# The tray: STATE GROUND SIZE...
mkdir -p tray
tray() {
    state=$1 ground=$2
    shift 2
    for size; do
        # The state "proved-poking" is the two classes.
        drawn=$size class="$(echo "$state" | sed 's/-poking$/ poking/') $ground"
        case $size in
            20 | 22) class="$class at$size" ;;
            24) drawn=22 class="$class at22" ;;
        esac
        edge=$(((size - drawn) / 2))
        sed "s/class=\"asked light\"/class=\"$class\"/" tray.svg |
            rsvg-convert --width "$drawn" --height "$drawn" \
                --page-width "$size" --page-height "$size" --top $edge --left $edge \
                --output "tray/$state-$ground-$size.png"
    done
}
rm -f tray/*.png
for state in proved asked waiting needs-you trouble paused not-set-up \
    proved-poking asked-poking waiting-poking needs-you-poking trouble-poking paused-poking; do
    tray $state any 16 20 22 24 32 48    # Linux: panels of any colour; Windows: in high contrast, and before 10
    tray $state light 16 20 24 32 48     # Windows: 100 to 300 per cent
    tray $state dark 16 20 24 32 48
    tray $state template 36              # macOS: 18 points, twice as fine
done
