CREATE TABLE `server_object` (
	`position` integer PRIMARY KEY NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`tags` text NOT NULL,
	`properties` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `server_object_id_unique` ON `server_object` (`id`);
