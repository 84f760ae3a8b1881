"""The Danger zone: disable, hand over, delete; and the way back from the trash."""
