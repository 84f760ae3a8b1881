// Sends the answer back to the app; without scripts the person presses Continue.
document.getElementById("form-post").submit();
