"""Words of the map."""

NO_MAP = "This run has no map: it was trained with --no-map, or by an earlier version. Train it anew:"
COLOUR = "Colour by"
COLOURS = {"group": "Group", "tag": "Tag", "plays": "Popularity"}
FIND = "Show a song on the map"
FIND_HINT = "title or artist, or what you remember of them"
NOT_FOUND = "No song matches. Try fewer words, or the beginning of a word."
NO_PLACE = "{song} has no place: it never stood beside another song in training."
SHOW = "Show {song} on the map"
PLAYS, PLAYS_FROM_ONE = "{plays:,} plays and more", "1 play and more"
PLAYED = "played {plays:,} times"
CHOOSE = "Choose a point, or a song of the list, to add it to your playlist."
ADD = "Add"
ADD_HELP = "Add it to the end of your playlist"
PLAY = "Play from here"
PLAY_HELP = "Make your playlist this song and the nine that best follow"
UNDO = "Undo"
PATH = "The line joins the {songs} songs of your playlist, in order."
TRUTH = "Made by {by}. Of the ten songs most like a song, {kept:.0%} are among its fifty nearest here."
WORDS = {
    "map": "Map of all songs",
    "hint": "Drag or use the arrow keys to move, the wheel, two fingers or + and − to zoom, 0 for the whole map, "
    "Enter to choose the song in the middle.",
    "nearer": "Zoom in",
    "farther": "Zoom out",
    "whole": "The whole map",
    "listed": "Songs in view, most played first",
    "legend": "Colours",
    "other": "none of these",
}
