#!/sbin/openrc-run
# Dequeue as a service of OpenRC: save this as /etc/init.d/dequeue, make it executable, then
# `rc-update add dequeue default` and `rc-service dequeue start`.

name="Dequeue"
description="Asks mail providers for held mail"
command="/usr/bin/dequeue"
command_args="run --service"
command_user="dequeue:dequeue"
supervisor="supervise-daemon"
respawn_delay=3
respawn_max=0
retry="TERM/30/KILL/5"
umask=0077

depend() {
    after net dns clock
}

start_pre() {
    checkpath --directory --mode 0755 --owner dequeue:dequeue /run/dequeue
}
